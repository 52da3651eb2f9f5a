import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, vi } from 'vitest';
import { createOrtRuntime } from '../../../worker/inference/ort.ts';
import { EngineCrash, OutOfMemory } from '../../../worker/inference/runtime.ts';
import { LIMITS } from '../../../worker/limits.ts';
import { describeRuntime } from '../../contract/runtime.ts';
import { identityModels } from '../../support/identity-models.ts';
import { startWith } from '../../support/memory.ts';
import { buildModel } from '../../support/onnx-builder.ts';

// The same adapter and engine as in the Worker, in Node; test/http runs them in workerd.
const runtime = createOrtRuntime();
const iris = new Uint8Array(readFileSync('worker/tutorial/iris.onnx'));
describeRuntime('ONNX Runtime', () => runtime, {
  iris,
  identities: identityModels(),
});

it('says why a graph rejects an input, without its source paths', async () => {
  const model = buildModel({
    nodes: [{ op: 'Reshape', inputs: ['x', 'shape'], outputs: ['y'] }],
    inputs: [{ name: 'x', dtype: 'float32', shape: [null, null] }],
    outputs: [{ name: 'y', dtype: 'float32' }],
    weights: { shape: { dtype: 'int64', dims: [1], values: [7] } },
  });
  const session = (await runtime).load(model);
  const feed = { name: 'x', tensor: { dtype: 'float32', dims: [1, 4], data: new Float32Array(4) } } as const;
  const message = (() => {
    try {
      session.run([feed], ['y']);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  })();
  expect(message).toMatch(/cannot be reshaped/);
  expect(message).not.toMatch(/onnxruntime|\.(h|cc):\d/);
  expect(message.length).toBeLessThanOrEqual(300);
});

it('gives no model more memory than an isolate has', async () => {
  const engine = await createOrtRuntime();
  const nodes = [0, 1, 2, 3].map((i) => ({ op: 'ConstantOfShape', inputs: ['n'], outputs: [`a${i}`] }));
  const sum = { op: 'Sum', inputs: ['a0', 'a1', 'a2', 'a3'], outputs: ['b'] };
  const model = buildModel({
    nodes: [...nodes, sum, { op: 'Add', inputs: ['x', 'b'], outputs: ['y'] }],
    inputs: [{ name: 'x', dtype: 'float32', shape: [1] }],
    outputs: [{ name: 'y', dtype: 'float32' }],
    weights: { n: { dtype: 'int64', dims: [1], values: [15_000_000] } },
  });
  expect(() => engine.load(model)).toThrow(OutOfMemory);
  expect(engine.memoryBytes()).toBeLessThanOrEqual(LIMITS.ENGINE_MOST_BYTES);
  expect((await createOrtRuntime()).load(iris).outputs.length).toBeGreaterThan(0);
});

it('says that there is no room for a model, and goes on', async () => {
  const small = await startWith(
    class extends WebAssembly.Memory {
      override grow(pages: number): number {
        if (this.buffer.byteLength + pages * 65_536 > 32 * 1024 * 1024) throw new RangeError('no room');
        return super.grow(pages);
      }
    },
  );
  const size = 1_500_000;
  const large = buildModel({
    nodes: [{ op: 'Add', inputs: ['x', 'weights'], outputs: ['y'] }],
    inputs: [{ name: 'x', dtype: 'float32', shape: [1] }],
    outputs: [{ name: 'y', dtype: 'float32', shape: [size] }],
    weights: { weights: { dims: [size], values: new Array(size).fill(1) } },
  });
  const load = () => small.load(large);
  const sessions = [small.load(iris)];
  // The bytes themselves do not fit at last, what the engine makes of them before that.
  expect(() => {
    for (;;) sessions.push(load());
  }).toThrow(OutOfMemory);
  expect(sessions.length).toBeGreaterThan(1);
  expect(small.memoryBytes()).toBeLessThanOrEqual(32 * 1024 * 1024);
  sessions.pop()?.release();
  load().release();
});

it('lets go of its memory when it is closed', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const memories: WeakRef<WebAssembly.Memory>[] = [];
  const closed = await startWith(
    class extends WebAssembly.Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        super(descriptor);
        memories.push(new WeakRef(this));
      }
    },
  );
  closed.load(iris).release();
  closed.close();
  expect(memories.length).toBe(1);
  await vi.waitFor(() => {
    collect();
    // Not the memory itself: what an assertion fails on, it keeps.
    expect(memories[0]?.deref() === undefined).toBe(true);
  });
  expect(() => closed.load(iris)).toThrow(EngineCrash);
});
