// What can be known of a tensor without running the graph: its shape, its size, and its values where they are few
// and constant, as the numbers that other shapes are computed from.
import type { GraphTensor } from './graph.ts';

export interface Abstract {
  /** null: not known. */
  readonly dims: readonly number[] | null;
  /** At most this many elements. */
  readonly count: number;
  /** The values, where they are few and the same for every row. */
  readonly values: readonly number[] | null;
  /** No value is farther from 0 than this. */
  readonly magnitude: number;
  /** Whether the values depend on what a caller sends. */
  readonly fed: boolean;
}

/** Shapes and indices are short; longer lists are not followed. */
const FEW = 64;

export const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

export function toShaped(dims: readonly number[], fed: boolean): Abstract {
  return { dims, count: product(dims), values: null, magnitude: Number.POSITIVE_INFINITY, fed };
}

export function toSized(count: number, fed: boolean, magnitude = Number.POSITIVE_INFINITY): Abstract {
  return { dims: null, count, values: null, magnitude, fed };
}

/** @param dims defaults to those of a list. */
export function toValued(values: readonly number[], dims: readonly number[] = [values.length]): Abstract {
  const magnitude = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return { dims, count: values.length, values: values.length <= FEW ? values : null, magnitude, fed: false };
}

type Reader = (view: DataView, at: number) => number;
/** Element types whose raw bytes are read: size and reader. */
const READERS: Readonly<Partial<Record<number, readonly [number, Reader]>>> = {
  1: [4, (view, at) => view.getFloat32(at, true)],
  2: [1, (view, at) => view.getUint8(at)],
  3: [1, (view, at) => view.getInt8(at)],
  4: [2, (view, at) => view.getUint16(at, true)],
  5: [2, (view, at) => view.getInt16(at, true)],
  6: [4, (view, at) => view.getInt32(at, true)],
  7: [8, (view, at) => Number(view.getBigInt64(at, true))],
  9: [1, (view, at) => view.getUint8(at)],
  11: [8, (view, at) => view.getFloat64(at, true)],
  12: [4, (view, at) => view.getUint32(at, true)],
  13: [8, (view, at) => Number(view.getBigUint64(at, true))],
};

export function toConstant(tensor: GraphTensor): Abstract {
  const count = product(tensor.dims);
  const values = count <= FEW ? readValues(tensor, count) : null;
  return values === null ? toShaped(tensor.dims, false) : toValued(values, tensor.dims);
}

function readValues({ raw, numbers, elementType }: GraphTensor, count: number): number[] | null {
  if (raw === null) return numbers.count === count ? [...numbers.head] : null;
  const reader = READERS[elementType];
  if (reader === undefined) return null;
  const [size, read] = reader;
  if (raw.length < size * count) return null;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Array.from({ length: count }, (_, i) => read(view, i * size));
}

/** The shape of two tensors that are stretched to each other; null where they do not fit. */
export function broadcast(a: readonly number[], b: readonly number[]): number[] | null {
  const rank = Math.max(a.length, b.length);
  const dims: number[] = [];
  for (let axis = 0; axis < rank; axis += 1) {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return null;
    dims.push(left === 1 ? right : left);
  }
  return dims;
}
