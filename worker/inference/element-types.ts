// The element types of the engine's tensors, and the arrays that hold them.
import type { Dtype } from '../pipeline/manifest.ts';
import type { TensorData } from '../pipeline/tensor.ts';

/** TensorProto.DataType of onnx.proto3, with the array that holds it. */
export const ELEMENT_TYPES: Readonly<Record<number, { dtype: Dtype; array: ArrayType | null }>> = {
  1: { dtype: 'float32', array: Float32Array },
  2: { dtype: 'uint8', array: Uint8Array },
  3: { dtype: 'int8', array: Int8Array },
  4: { dtype: 'uint16', array: Uint16Array },
  5: { dtype: 'int16', array: Int16Array },
  6: { dtype: 'int32', array: Int32Array },
  7: { dtype: 'int64', array: BigInt64Array },
  8: { dtype: 'string', array: null },
  9: { dtype: 'bool', array: Uint8Array },
  10: { dtype: 'float16', array: Uint16Array },
  11: { dtype: 'float64', array: Float64Array },
  12: { dtype: 'uint32', array: Uint32Array },
  13: { dtype: 'uint64', array: BigUint64Array },
};
export type NumberData = Exclude<TensorData, string[]>;
interface ArrayType {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): NumberData;
  readonly BYTES_PER_ELEMENT: number;
}

export const CODES = new Map(Object.entries(ELEMENT_TYPES).map(([code, { dtype }]) => [dtype, Number(code)]));
