// The parts of an ONNX model that import reads, as plain typed objects. Weights stay views into the file's bytes.
import type { Dtype } from '../pipeline/manifest.ts';

/** ONNX element types by number (onnx.proto, TensorProto.DataType). */
export const ELEMENT_TYPES: readonly string[] = [
  'undefined',
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'uint4',
  'int4',
  'float4e2m1',
];

/** A list of an attribute or a tensor: how long it is, and as many of its values as import ever reads. */
export interface Values<T> {
  readonly count: number;
  readonly head: readonly T[];
  /** Whether any of all the values is not zero. */
  readonly any: boolean;
}

export interface GraphTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly elementType: number;
  readonly external: boolean;
  readonly raw: Uint8Array | null;
  readonly numbers: Values<number>;
  readonly strings: Values<string>;
}

/** Non-zero values of a tensor that is mostly zero: small in the file, `dims` in memory. */
export interface SparseTensor {
  readonly dims: readonly number[];
  readonly values: GraphTensor | null;
}

export interface Attribute {
  readonly name: string;
  readonly i: number;
  readonly f: number;
  readonly s: string;
  readonly ints: Values<number>;
  readonly floats: Values<number>;
  readonly strings: Values<string>;
  readonly tensors: readonly GraphTensor[];
  readonly sparse: readonly SparseTensor[];
  readonly graphs: readonly Graph[];
}

export interface GraphNode {
  readonly op: string;
  /** "" is ai.onnx. */
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export type ValueType =
  | {
      readonly kind: 'tensor';
      readonly elementType: number;
      readonly shape: readonly (number | string | null)[] | null;
    }
  | { readonly kind: 'sequence' | 'map' | 'optional' | 'sparse' | 'opaque' | 'unknown' };

export interface GraphValue {
  readonly name: string;
  readonly type: ValueType;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly initializers: ReadonlyMap<string, GraphTensor>;
  readonly sparseInitializers: readonly SparseTensor[];
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
}

export interface GraphFunction {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly GraphNode[];
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly producer: string;
  readonly opsets: ReadonlyMap<string, number>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly graph: Graph;
  readonly functions: readonly GraphFunction[];
  readonly bytes: number;
}

const SERVED: Partial<Record<string, Dtype>> = {
  float32: 'float32',
  float64: 'float64',
  float16: 'float16',
  int8: 'int8',
  int16: 'int16',
  int32: 'int32',
  int64: 'int64',
  uint8: 'uint8',
  uint16: 'uint16',
  uint32: 'uint32',
  uint64: 'uint64',
  bool: 'bool',
  string: 'string',
};

/** @returns the element type as tensors of ours hold it; null where none can (bfloat16, complex). */
export function findDtype(elementType: number): Dtype | null {
  return SERVED[ELEMENT_TYPES[elementType] ?? ''] ?? null;
}

/** An operator as owners know it: `Softmax`, `ai.onnx.ml.ZipMap`. */
export function toOperatorName(node: Pick<GraphNode, 'domain' | 'op'>): string {
  return node.domain === '' ? node.op : `${node.domain}.${node.op}`;
}

/** The graph's inputs that a caller feeds: old exporters list the weights too. */
export function getFedInputs(graph: Graph): GraphValue[] {
  return graph.inputs.filter(({ name }) => !graph.initializers.has(name));
}
