// More bodies at once than an isolate has memory for: some are refused and told when to come again, the others answered.
import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LIMITS } from '../../worker/limits.ts';
import { type Caller, startWorker, type TestWorker } from '../support/worker.ts';

const MIB = 1024 * 1024;
let worker: TestWorker;
let iris: Caller;
beforeAll(async () => {
  worker = await startWorker();
  iris = await worker.publishTutorial();
});
afterAll(() => worker.dispose());

const ROW = { sepalLength: 5.1, sepalWidth: 3.5, petalLength: 1.4, petalWidth: 0.2 };
/** One row as JSON, padded with blanks to a size. */
const toBody = (bytes: number): string => JSON.stringify(ROW).padEnd(bytes);

interface Upload {
  /** Sends what is left, and waits for the answer. */
  finish(): Promise<{ status: number; retryAfter: string | undefined; code: string | undefined }>;
  abort(): void;
}

/** Sends all of a body but its last byte, and waits until the other side has taken it. */
async function begin(body: string): Promise<Upload> {
  const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length };
  const sent = request(iris.url, { method: 'POST', headers, agent: false });
  sent.on('error', () => undefined);
  const answered = new Promise<Awaited<ReturnType<Upload['finish']>>>((resolve, reject) => {
    sent.on('response', (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: response.headers['retry-after'],
          code: (JSON.parse(text) as { code?: string }).code,
        }),
      );
    });
    sent.on('close', () => reject(new Error('closed')));
  });
  answered.catch(() => undefined);
  await new Promise<void>((resolve) => sent.write(body.slice(0, -1), () => resolve()));
  return {
    finish() {
      sent.end(body.slice(-1));
      return answered;
    },
    abort: () => sent.destroy(),
  };
}

it('refuses bodies for which there is no memory, and takes them a moment later', async () => {
  const body = toBody(LIMITS.JSON_BODY_BYTES);
  const many = 2 + Math.floor(LIMITS.HELD_BYTES / LIMITS.JSON_BODY_BYTES);
  const uploads = await Promise.all(Array.from({ length: many }, () => begin(body)));
  // What the sockets hold still has to arrive.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const small = await iris('', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: toBody(100) });
  const answers = await Promise.all(uploads.map((upload) => upload.finish()));
  const refused = answers.filter(({ status }) => status === 503);
  expect(refused.length).toBeGreaterThanOrEqual(2);
  for (const { code, retryAfter } of refused)
    expect({ code, retryAfter }).toEqual({ code: 'overloaded', retryAfter: '1' });
  expect(answers.filter(({ status }) => status === 200).length).toBe(many - refused.length);
  expect(refused.length).toBeLessThan(many);
  expect([200, 503]).toContain(small.status);

  // There is nothing to look for in a log.
  expect(worker.logs.join()).not.toContain('overloaded');

  // Nothing is left of it.
  expect((await (await begin(body)).finish()).status).toBe(200);
  const again = await Promise.all([begin(body), begin(body)]);
  expect((await Promise.all(again.map((upload) => upload.finish()))).map(({ status }) => status)).toEqual([200, 200]);
});

it('answers from memory whatever is going on', async () => {
  const many = 2 + Math.floor(LIMITS.HELD_BYTES / LIMITS.JSON_BODY_BYTES);
  const uploads = await Promise.all(Array.from({ length: many }, () => begin(toBody(LIMITS.JSON_BODY_BYTES))));
  await new Promise((resolve) => setTimeout(resolve, 500));
  const query = `?${new URLSearchParams(Object.entries(ROW).map(([key, value]) => [key, String(value)]))}`;
  const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await iris(query)).status));
  expect(statuses).toEqual(new Array(50).fill(200));
  await Promise.all(uploads.map((upload) => upload.finish()));
});

it('does not count what callers left behind who went away', async () => {
  for (let round = 0; round < 10; round += 1) {
    const uploads = await Promise.all([begin(toBody(7 * MIB)), begin(toBody(7 * MIB))]);
    for (const upload of uploads) upload.abort();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const body = toBody(7 * MIB);
  const last = await Promise.all([begin(body), begin(body), begin(body)]);
  expect((await Promise.all(last.map((upload) => upload.finish()))).map(({ status }) => status)).toEqual([
    200, 200, 200,
  ]);
});
