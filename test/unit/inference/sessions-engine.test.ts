import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createOrtRuntime } from '../../../worker/inference/ort.ts';
import type { Runtime, Session } from '../../../worker/inference/runtime.ts';
import { createSessionCache, type SessionCache } from '../../../worker/inference/sessions.ts';
import { LIMITS } from '../../../worker/limits.ts';
import { toPieces } from '../../support/fake-engine.ts';
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
  const model = number % 10 === 0 ? iris : addModel(number, size);
  const session = await cache.get({ digest, bytes: model.length }, () => toPieces(model));
  if (number % 10 === 0) askIris(session);
  else askAdd(session, number, size);
}

it('answers 1,000 pipelines in random order in bounded memory', async () => {
  const lab = await createLab();
  const random = createRandom(7);
  // 1 KB to 200 KB.
  const sizes = Array.from({ length: 1000 }, () => Math.ceil(250 * 200 ** random()));
  let most = 0;
  // Each once, then some more often than others.
  const order = sizes.map((_, number) => ({ number, at: random() })).sort((a, b) => a.at - b.at);
  for (let i = 0; i < 1000; i += 1) order.push({ number: Math.floor(random() ** 2 * sizes.length), at: 1 });
  for (const { number } of order) {
    await ask(lab, number, sizes[number] ?? 1);
    most = Math.max(most, ...lab.engines.map((engine) => engine.memoryBytes()));
  }
  expect(most).toBeLessThan(LIMITS.ENGINE_BYTES);
  expect(lab.engines.length).toBe(1);
}, 60_000);

it('gives the memory of a huge model back', async () => {
  const lab = await createLab();
  const dims = [2500, 2560];
  const huge = buildModel({
    nodes: [{ op: 'MatMul', inputs: ['x', 'weights'], outputs: ['y'] }],
    inputs: [{ name: 'x', dtype: 'float32', shape: [1, 2500] }],
    outputs: [{ name: 'y', dtype: 'float32', shape: [1, 2560] }],
    weights: { weights: { dims, values: new Array(2500 * 2560).fill(0.5) } },
  });
  const feed = {
    name: 'x',
    tensor: { dtype: 'float32', dims: [1, 2500], data: new Float32Array(2500).fill(1) },
  } as const;
  const askHuge = async () => {
    const session = await lab.cache.get({ digest: 'huge', bytes: huge.length }, () => toPieces(huge));
    expect(session.run([feed], ['y'])[0]?.data[2559]).toBe(1250);
  };

  await askHuge();
  for (let number = 0; number < LIMITS.ENGINE_LOADS + 10; number += 1) await ask(lab, number, 1000);
  expect(lab.engines.length).toBe(2);
  expect(lab.engines[0]?.memoryBytes()).toBe(0);
  expect(lab.engines[1]?.memoryBytes()).toBeLessThan(LIMITS.ENGINE_BYTES / 2);
  await askHuge();
}, 60_000);
