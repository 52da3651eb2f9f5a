// Tensors in the engine's memory: places of ours that it reads from or writes to, text that it copies, and copies of its
// own results.
import type { Dtype } from '../pipeline/manifest.ts';
import type { Tensor, TensorData } from '../pipeline/tensor.ts';
import { CODES, ELEMENT_TYPES, type NumberData } from './element-types.ts';
import { type Heap, POINTER } from './ort-heap.ts';
import { InferenceError } from './runtime.ts';

const CPU = 1;
/** Elements that are copied one by one: up to here a call of the platform's own copy costs more. */
const FEW = 16;

/** A tensor over memory of ours, which the engine reads from or writes to. */
export interface Place {
  readonly dtype: Dtype;
  readonly dims: readonly number[];
  readonly pointer: number;
  readonly tensor: number;
  readonly view: NumberData;
}

export function createPlace(heap: Heap, dtype: Dtype, dims: readonly number[], length: number): Place {
  const code = CODES.get(dtype) ?? 0;
  const NumberArray = ELEMENT_TYPES[code]?.array ?? Uint8Array;
  const bytes = length * NumberArray.BYTES_PER_ELEMENT;
  const pointer = heap.allocate(bytes);
  try {
    const tensor = createTensor(heap, code, pointer, bytes, dims);
    // Shared memory that has grown leaves older views of it valid.
    return { dtype, dims: dims.slice(), pointer, tensor, view: new NumberArray(heap.bytes.buffer, pointer, length) };
  } catch (error) {
    heap.free(pointer);
    throw error;
  }
}

export function releasePlace(heap: Heap, { tensor, pointer }: Place): void {
  heap.ort._OrtReleaseTensor(tensor);
  heap.free(pointer);
}

export function fits({ dtype, dims }: Place, tensor: Tensor): boolean {
  return dtype === tensor.dtype && sameDims(dims, tensor.dims);
}

export function sameDims(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

/** @param data of the place's type and size. */
export function fillPlace({ view }: Place, data: NumberData): void {
  // Arrays of one type: the engine's dtype and the array's were made from the same table.
  const [into, from] = [view as Float32Array, data as Float32Array];
  if (from.length > FEW) into.set(from);
  else for (let i = 0; i < from.length; i += 1) into[i] = from[i] as number;
}

/** A copy of what the engine wrote there. */
export function readPlace({ dtype, dims, view }: Place): Tensor {
  if (dtype !== 'float32' || view.length > FEW) return { dtype, dims, data: view.slice() as TensorData };
  const data = new Float32Array(view.length);
  for (let i = 0; i < data.length; i += 1) data[i] = view[i] as number;
  return { dtype, dims, data };
}

/** The engine copies the text: the pointers and the bytes are given back at once. */
export function createTextTensor(heap: Heap, texts: readonly string[], dims: readonly number[]): number {
  const pointers = heap.allocate(texts.length * POINTER);
  let written = 0;
  try {
    for (const text of texts) {
      heap.setWord(pointers + written * POINTER, heap.allocateText(text));
      written += 1;
    }
    return createTensor(heap, CODES.get('string') ?? 0, pointers, texts.length * POINTER, dims);
  } finally {
    for (let i = 0; i < written; i += 1) heap.free(heap.word(pointers + i * POINTER));
    heap.free(pointers);
  }
}

function createTensor(heap: Heap, code: number, data: number, bytes: number, dims: readonly number[]): number {
  const dimsPointer = heap.allocate(dims.length * POINTER);
  for (const [axis, size] of dims.entries()) heap.setWord(dimsPointer + axis * POINTER, size);
  const tensor = heap.ort._OrtCreateTensor(code, data, bytes, dimsPointer, dims.length, CPU);
  heap.free(dimsPointer);
  if (tensor === 0) throw heap.lastError();
  return tensor;
}

/** A copy of a tensor of the engine's. */
export function readTensor(heap: Heap, tensor: number): Tensor {
  const { out } = heap;
  heap.check(heap.ort._OrtGetTensorData(tensor, out, out + POINTER, out + 2 * POINTER, out + 3 * POINTER));
  const code = heap.word(out);
  const data = heap.word(out + POINTER);
  const dimsPointer = heap.word(out + 2 * POINTER);
  const rank = heap.word(out + 3 * POINTER);
  const dims = Array.from({ length: rank }, (_, axis) => heap.word(dimsPointer + axis * POINTER));
  heap.ort._OrtFree(dimsPointer);
  const type = ELEMENT_TYPES[code];
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (type === undefined) throw new InferenceError(`an output has an element type that cannot be read (${code})`);
  if (type.array !== null) {
    const view = new type.array(heap.bytes.buffer, data, size);
    return { dtype: type.dtype, dims, data: view.slice() as TensorData };
  }
  // The strings lie one behind the other; the last one ends with a NUL. The block was allocated for this call.
  const texts: string[] = [];
  for (let i = 0; i < size; i += 1) {
    const start = heap.word(data + i * POINTER);
    texts.push(heap.text(start, i + 1 < size ? heap.word(data + (i + 1) * POINTER) : undefined));
  }
  heap.free(data);
  return { dtype: 'string', dims, data: texts };
}
