// A dense network of any size, the same in every run: what a large model is to the engine, without a large file.
import type { Manifest } from '../../worker/pipeline/manifest.ts';
import { buildModel, type NodeSpec, type Weight } from './onnx-builder.ts';
import { createRandom } from './random.ts';

export const DENSE_CLASSES = ['a', 'b', 'c'];
export const DENSE_FEATURES = ['x1', 'x2', 'x3', 'x4'];

export interface DenseSize {
  readonly width: number;
  readonly layers: number;
  readonly seed?: number;
}

/** 23.98 MB: six matrices of 1,120 by 1,120. */
export const LARGE: DenseSize = { width: 1120, layers: 7 };

/** features → width → … → width → classes, with ReLU between and a softmax at the end. */
export function buildDense({ width, layers, seed = 1 }: DenseSize): Uint8Array {
  const random = createRandom(seed);
  const nodes: NodeSpec[] = [];
  const weights: Record<string, Weight> = {};
  let from = 'X';
  for (let layer = 0; layer < layers; layer += 1) {
    const last = layer === layers - 1;
    const inputs = layer === 0 ? DENSE_FEATURES.length : width;
    const outputs = last ? DENSE_CLASSES.length : width;
    // Uniform weights of this size keep the values of all layers in one range.
    const scale = Math.sqrt(6 / inputs);
    const values = Array.from({ length: inputs * outputs }, () => (2 * random() - 1) * scale);
    weights[`w${layer}`] = { dims: [inputs, outputs], values };
    weights[`b${layer}`] = { dims: [outputs], values: Array.from({ length: outputs }, () => random() - 0.5) };
    nodes.push({ op: 'Gemm', inputs: [from, `w${layer}`, `b${layer}`], outputs: [`z${layer}`] });
    from = last ? `z${layer}` : `h${layer}`;
    if (!last) nodes.push({ op: 'Relu', inputs: [`z${layer}`], outputs: [from] });
  }
  nodes.push({ op: 'Softmax', inputs: [from], outputs: ['Y'], attributes: { axis: 1 } });
  return buildModel({
    nodes,
    weights,
    inputs: [{ name: 'X', dtype: 'float32', shape: [null, DENSE_FEATURES.length] }],
    outputs: [{ name: 'Y', dtype: 'float32', shape: [null, DENSE_CLASSES.length] }],
  });
}

export const denseManifest: Manifest = {
  manifest_version: 1,
  task: 'classification',
  label: 'class',
  classes: DENSE_CLASSES,
  features: DENSE_FEATURES.map((name) => ({ name, type: 'number' })),
  inputs: [{ name: 'X', dtype: 'float32', shape: [null, DENSE_FEATURES.length], features: DENSE_FEATURES }],
  output: { probability: { tensors: ['Y'], form: 'vector', activation: 'none' } },
  batch: 'dynamic',
};
