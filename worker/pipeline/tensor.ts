// Tensors, and how the rows of a request fill them: `createFeedPlan` compiles a manifest once, `toFeeds` fills
// the tensors of many rows and reports every value that does not fit.
import type { Dtype } from './manifest.ts';

export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | string[];

/** float16 is held as its bits in a Uint16Array, bool as 0 or 1 in a Uint8Array. Row-major. */
export interface Tensor {
  readonly dtype: Dtype;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}
