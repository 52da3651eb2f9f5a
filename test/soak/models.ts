// What the soak uploads: y = x + c, where c is another multiple of STEP for each version there ever is, so that an answer
// says which version gave it.
import { buildModel } from '../support/onnx-builder.ts';

/** Values of x are below it. Float32 holds whole numbers up to 16,777,216. */
export const STEP = 4000;
export const MOST_VERSIONS = 4000;

export function toShiftModel(number: number): Uint8Array {
  return buildModel({
    producer: 'soak',
    nodes: [{ op: 'Add', inputs: ['x', 'c'], outputs: ['y'] }],
    inputs: [{ name: 'x', dtype: 'float32', shape: ['N', 1] }],
    outputs: [{ name: 'y', dtype: 'float32', shape: ['N', 1] }],
    weights: { c: { dims: [1], values: [number * STEP] } },
  });
}
