// What no HTTP client would send: lengths that are wrong, bodies that come by the byte or never end, floods of headers.
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOwner } from '../support/owner.ts';
import { type Caller, startWorker, type TestWorker } from '../support/worker.ts';

let worker: TestWorker;
let iris: Caller;
beforeAll(async () => {
  worker = await startWorker();
  iris = await worker.publishTutorial();
});
afterAll(() => worker.dispose());

const ROW = '{"sepalLength":1,"sepalWidth":1,"petalLength":1.5,"petalWidth":2}';
const ANSWER = '{"prediction":"Iris-virginica","probability":[0.39285714,0.10714286,0.5]}';
const QUERY = '?sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0';

/** After which no answer is one. */
const WAIT_MS = 1500;

/** Writes the parts one after another, and ends the connection or waits. @returns all that came back. */
function exchange(parts: readonly string[], { pauseMs = 0, isEnded = false } = {}): Promise<string> {
  const { hostname, port } = new URL(worker.origin);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ host: hostname, port: Number(port) });
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(end, WAIT_MS);
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (/\r\n\r\n.*[}\]]\n?(?:\r\n0\r\n\r\n)?$/s.test(answer)) end();
    });
    socket.on('close', end);
    socket.on('error', end);
    void (async () => {
      for (const part of parts) {
        if (socket.destroyed) return;
        socket.write(part);
        if (pauseMs > 0) await new Promise((done) => setTimeout(done, pauseMs));
      }
      if (isEnded) socket.end();
    })();
  });
}

function head(headers: string, method = 'POST', rest = ''): string {
  return `${method} ${new URL(iris.url).pathname}${rest} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}\r\n`;
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);

/** Whoever comes next is answered as ever. */
async function expectUndisturbed(): Promise<void> {
  expect(await (await iris(QUERY)).text()).toBe(ANSWER);
  expect(worker.logs.join('\n')).not.toMatch(/pipeline_[0-9a-z]{20}/);
}

it('a body that comes byte by byte is answered', async () => {
  const answer = await exchange([head(`Content-Length: ${ROW.length}\r\n`), ...ROW], { pauseMs: 1 });
  expect(statusOf(answer)).toBe(200);
  expect(answer).toContain(ANSWER);
});

it('a body that stops holds up nobody', async () => {
  const stuck = exchange([head(`Content-Length: ${ROW.length}\r\n`), ROW.slice(0, 20)]);
  await expectUndisturbed();
  // No answer to half a row.
  expect(await stuck).toBe('');
});

it('a body shorter than its length is no row', async () => {
  const answer = await exchange([head('Content-Length: 1000\r\n'), ROW], { isEnded: true });
  expect(answer).not.toContain('prediction"');
  await expectUndisturbed();
});

it('what stands behind the length is not part of the body', async () => {
  const answer = await exchange([head(`Content-Length: ${ROW.length}\r\n`), `${ROW}{"sepalLength":9}`]);
  expect(answer).toContain(ANSWER);
  await expectUndisturbed();
});

it.each([
  ['two lengths', `Content-Length: ${ROW.length}\r\nContent-Length: 5\r\n`],
  ['a length that is no number', 'Content-Length: x\r\n'],
  ['a negative length', 'Content-Length: -5\r\n'],
  ['a length and chunks', `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n`],
  ['chunks of no size', 'Transfer-Encoding: chunked\r\n'],
])('%s', async (_, headers) => {
  const answer = await exchange([head(headers), ROW], { isEnded: true });
  expect(answer).not.toContain('"Iris-setosa"');
  // A length that is none never reaches us: workerd refuses it, with a 500 that is not ours.
  expect(answer).not.toContain('"internal"');
  await expectUndisturbed();
});

it('chunks that are none are said to be, on both surfaces', async () => {
  const broken = 'no chunk\r\n';
  const answer = await exchange([head('Transfer-Encoding: chunked\r\n'), broken], { isEnded: true });
  expect(answer).toContain('"malformed_body"');
  const owner = await createOwner(worker);
  for (const [method, path, type] of [
    ['PATCH', '/v1/models/model_tutorial', 'application/json'],
    ['POST', '/v1/models/model_tutorial/activate', 'application/json'],
    ['POST', '/v1/models', 'multipart/form-data; boundary=b'],
  ]) {
    const start = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${owner.token}\r\n`;
    const headers = `Content-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    expect(await exchange([start + headers, broken], { isEnded: true })).toContain('"malformed_body"');
  }
});

it('a chunk of the wrong size is no row', async () => {
  const answer = await exchange([head('Transfer-Encoding: chunked\r\n'), `ffff\r\n${ROW}\r\n0\r\n\r\n`], {
    isEnded: true,
  });
  expect(answer).not.toContain('prediction"');
  await expectUndisturbed();
});

it.each([500, 5000])('%i headers', async (count) => {
  const flood = Array.from({ length: count }, (_, i) => `X-Flood-${i}: ${'x'.repeat(20)}\r\n`).join('');
  const answer = await exchange([head(flood, 'GET', QUERY)]);
  expect([200, 400, 431, 0]).toContain(statusOf(answer));
  await expectUndisturbed();
});

it('a URL of 16 KB is read, and one of a megabyte ends the connection at most', async () => {
  const long = await exchange([head('', 'GET', `${QUERY}&${'x'.repeat(15_800)}=1`)]);
  expect(statusOf(long)).toBe(400);
  expect(long).toContain('unknown_feature');
  expect(long.length).toBeLessThan(3000);
  expect([400, 414, 431, 0]).toContain(statusOf(await exchange([head('', 'GET', `?${'x'.repeat(1_000_000)}`)])));
  await expectUndisturbed();
});

it('what is no HTTP at all', async () => {
  for (const garbage of ['\0\0\0\0\r\n\r\n', 'GET\r\n\r\n', '\x16\x03\x01\x02\x00\x01', `${'A'.repeat(100_000)}\r\n`]) {
    expect(await exchange([garbage], { isEnded: true })).not.toContain('"internal"');
  }
  await expectUndisturbed();
});

/**
 * Sends all of a body before it reads, as Python's requests does.
 * @param until what the answer is read up to.
 * @returns as much of it as came before the connection broke.
 */
function sendThenRead(start: string, body: string | Buffer, until: string): Promise<string> {
  const { hostname, port } = new URL(worker.origin);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.pause();
    let answer = '';
    socket.on('error', () => resolve(answer));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (!answer.includes(until)) return;
      socket.destroy();
      resolve(answer);
    });
    socket.on('close', () => resolve(answer));
    socket.write(start);
    socket.write(body, () => socket.resume());
  });
}

it('who sends much that is wrong hears what', async () => {
  const header = 'sepalLength,sepalWidth,petalLength,petalWidth\n';
  const row = '5.1,3.5,1.4,0.2\n';
  for (const [before, status, says] of [
    [10, 400, '"row":11'],
    [20_000, 200, '"row":20001'],
  ] as const) {
    const body = `${header}${row.repeat(before)}5.1,x,1.4,0.2\n${row.repeat(2_000_000)}`;
    const start = `POST ${new URL(iris.url).pathname} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n`;
    const answer = await sendThenRead(`${start}Content-Length: ${body.length}\r\n\r\n`, body, says);
    expect([statusOf(answer), answer.includes(says)]).toEqual([status, true]);
  }
  await expectUndisturbed();
});

it('who sends much where nothing is to be had hears why', async () => {
  const size = 30 * 1024 * 1024;
  const length = `Content-Length: ${size}\r\n`;
  const off = await worker.publishTutorial({ state: 'inactive' });
  const at = (path: string) => `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n${length}`;
  const starts: [string, number][] = [
    [`${at(new URL(off.url).pathname)}\r\n`, 403],
    [`${at('/api/pipeline_unknown')}\r\n`, 404],
    [`${at(new URL(iris.url).pathname)}Origin: https://example.org\r\n\r\n`, 403],
    [`${at(new URL(iris.url).pathname)}Accept: image/png\r\n\r\n`, 406],
    [`${head(length, 'PUT')}`, 405],
    [`${at('/v1/models')}Authorization: Bearer none\r\n\r\n`, 401],
    [`${at('/nothing')}\r\n`, 404],
  ];
  for (const [start, status] of starts) {
    const answer = await sendThenRead(start, Buffer.alloc(size, 'x'), '\r\n\r\n');
    expect([start.split('\r\n')[0], statusOf(answer)]).toEqual([start.split('\r\n')[0], status]);
  }
  await expectUndisturbed();
});
