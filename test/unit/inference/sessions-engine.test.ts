import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createOrtRuntime } from '../../../worker/inference/ort.ts';
import type { Runtime, Session } from '../../../worker/inference/runtime.ts';
import { createSessionCache, type SessionCache } from '../../../worker/inference/sessions.ts';
import { LIMITS } from '../../../worker/limits.ts';
import { buildModel } from '../../support/onnx-builder.ts';
import { createRandom } from '../../support/random.ts';

// The cache with the real engine: its memory, its fragments, its answers.
const iris = new Uint8Array(readFileSync('worker/tutorial/iris.onnx'));

interface Lab {
  readonly engines: Runtime[];
  readonly cache: SessionCache;
}

async function createLab(): Promise<Lab> {
  const engines: Runtime[] = [];
  const start = async () => {
    const engine = await createOrtRuntime();
    engines.push(engine);
    return engine;
  };
  return { engines, cache: createSessionCache(await start(), start) };
}

/** y[i] = x + number + i: no two pipelines answer the same. */
function addModel(number: number, size: number): Uint8Array {
  return buildModel({
    nodes: [{ op: 'Add', inputs: ['x', 'weights'], outputs: ['y'] }],
    inputs: [{ name: 'x', dtype: 'float32', shape: [1] }],
    outputs: [{ name: 'y', dtype: 'float32', shape: [size] }],
    weights: { weights: { dims: [size], values: Array.from({ length: size }, (_, i) => number + i) } },
  });
}

function askAdd(session: Session, number: number, size: number): void {
  const feed = { name: 'x', tensor: { dtype: 'float32', dims: [1], data: new Float32Array([0.5]) } } as const;
  const [y] = session.run([feed], ['y']);
  expect(y?.data.length).toBe(size);
  expect([y?.data[0], y?.data[size - 1]]).toEqual([number + 0.5, number + size - 1 + 0.5]);
}

function askIris(session: Session): void {
  const feed = {
    name: 'X',
    tensor: { dtype: 'float32', dims: [1, 4], data: new Float32Array([1, 1, 1.5, 2]) },
  } as const;
  const [probabilities, label] = session.run([feed], ['probabilities', 'label']);
  expect(probabilities?.data).toEqual(new Float64Array([11 / 28, 3 / 28, 0.5]));
  expect(label?.data).toEqual(['Iris-virginica']);
}

async function ask({ cache }: Lab, number: number, size: number): Promise<void> {
  const digest = `d${number}`;
  if (number % 10 === 0) askIris(await cache.get({ digest, optimise: true }, async () => iris));
  else askAdd(await cache.get({ digest }, async () => addModel(number, size)), number, size);
}

it('answers 1,000 pipelines in random order in bounded memory', async () => {
  const lab = await createLab();
  const random = createRandom(7);
  // 1 KB to 200 KB.
  const sizes = Array.from({ length: 1000 }, () => Math.ceil(250 * 200 ** random()));
  let most = 0;
  for (let i = 0; i < 2500; i += 1) {
    const number = Math.floor(random() * sizes.length);
    await ask(lab, number, sizes[number] ?? 1);
    most = Math.max(most, ...lab.engines.map((engine) => engine.memoryBytes()));
  }
  expect(most).toBeLessThan(LIMITS.ENGINE_BYTES);
});

it('gives the memory of a huge model back', async () => {
  const lab = await createLab();
  const size = 6_000_000;
  askAdd(await lab.cache.get({ digest: 'huge' }, async () => addModel(-1, size)), -1, size);
  for (let number = 0; number <= LIMITS.ENGINE_LOADS + 10; number += 1) await ask(lab, number, 1000);
  expect(lab.engines.length).toBe(2);
  expect(lab.engines[0]?.memoryBytes()).toBeGreaterThan(LIMITS.ENGINE_BYTES);
  expect(lab.engines[1]?.memoryBytes()).toBeLessThan(LIMITS.ENGINE_BYTES / 2);
  askAdd(await lab.cache.get({ digest: 'huge' }, async () => addModel(-1, size)), -1, size);
});
