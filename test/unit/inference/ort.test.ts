import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createOrtRuntime } from '../../../worker/inference/ort.ts';
import { describeRuntime } from '../../contract/runtime.ts';
import { identityModels } from '../../support/identity-models.ts';
import { buildModel } from '../../support/onnx-builder.ts';

// The same adapter and engine as in the Worker, in Node; test/http runs them in workerd.
const runtime = createOrtRuntime();
describeRuntime('ONNX Runtime', () => runtime, {
  iris: new Uint8Array(readFileSync('worker/tutorial/iris.onnx')),
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
