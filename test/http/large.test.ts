// A model of 24 MB: many callers at once, callers that go away, and storage that does not hold what it should.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOrtRuntime } from '../../worker/inference/ort.ts';
import { modelKey } from '../../worker/registry/records.ts';
import { toDigest } from '../../worker/registry/secret.ts';
import { buildDense, DENSE_FEATURES, denseManifest, LARGE } from '../support/dense-model.ts';
import { type Caller, startWorker, type TestWorker } from '../support/worker.ts';

const ROW = [0.5, -1, 2, 0.25];
const QUERY = `?${DENSE_FEATURES.map((name, i) => `${name}=${ROW[i]}`).join('&')}`;
const model = buildDense(LARGE);
let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
afterAll(() => worker.dispose());

const publish = (bytes = model) => worker.publish({ manifest: denseManifest }, bytes);

async function expectAnswer(call: Caller): Promise<void> {
  const response = await call(QUERY);
  expect(response.status).toBe(200);
  const { probability } = (await response.json()) as { probability: number[] };
  expect(probability.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 6);
}

it('is answered to many who ask for it first', async () => {
  const large = await publish();
  const responses = await Promise.all(Array.from({ length: 40 }, () => large(QUERY)));
  const answers = await Promise.all(responses.map((response) => response.text()));
  expect(responses.map(({ status }) => status)).toEqual(new Array(40).fill(200));
  expect(new Set(answers).size).toBe(1);

  const session = (await createOrtRuntime()).load(model);
  const feed = { name: 'X', tensor: { dtype: 'float32', dims: [1, 4], data: new Float32Array(ROW) } } as const;
  const [expected] = session.run([feed], ['Y']);
  const { probability } = JSON.parse(answers[0] ?? '') as { probability: number[] };
  for (const [i, p] of probability.entries()) expect(p).toBeCloseTo(Number(expected?.data[i]), 5);
});

it('comes into memory although those who asked for it first go away', async () => {
  // Other bytes, which this isolate does not have yet.
  const other = buildDense({ ...LARGE, seed: 2 });
  const large = await publish(other);
  for (let i = 0; i < 5; i += 1) {
    const controller = new AbortController();
    const gone = large(QUERY, { signal: controller.signal }).catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, 10 * i));
    controller.abort();
    await gone;
  }
  await expectAnswer(large);
});

it('is not answered when storage holds less or more of it, or something else', async () => {
  // Miniflare's own types come from another version of the runtime's.
  const kv = (await worker.miniflare.getKVNamespace('KV')) as unknown as KVNamespace;
  const wrongs = [
    (bytes: Uint8Array) => bytes.slice(0, -1),
    (bytes: Uint8Array) => Uint8Array.from([...bytes, 0]),
    (bytes: Uint8Array) => bytes.map((byte, i) => (i === bytes.length - 5 ? byte ^ 1 : byte)),
    () => new Uint8Array(0),
  ];
  const calls = wrongs.map(async (change, i) => {
    const small = buildDense({ width: 200, layers: 4, seed: 2 + i });
    const call = await publish(small);
    const key = modelKey(await toDigest(new Uint8Array(small)));
    await kv.put(key, new Uint8Array(change(small)).buffer);
    const response = await call(QUERY);
    expect(response.status).toBe(503);
    expect(response.headers.get('Retry-After')).toBe('5');
    expect(await response.json()).toMatchObject({ code: 'model_unavailable' });
    await kv.put(key, new Uint8Array(small).buffer);
    return call;
  });
  // Nothing keeps it from being answered once it is there, and has rested.
  for (const call of await Promise.all(calls)) {
    await expect.poll(async () => (await call(QUERY)).status, { timeout: 20_000 }).toBe(200);
    await expectAnswer(call);
  }
});
