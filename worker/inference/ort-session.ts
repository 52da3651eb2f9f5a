// One loaded model in the engine's memory. What a run needs stays prepared for the next one of the same shape: the
// input tensors, and a place for every output of numbers, so that a prediction is one call and two small copies.
import type { Dtype } from '../pipeline/manifest.ts';
import type { NamedTensor, Tensor, TensorData } from '../pipeline/tensor.ts';
import { CODES, ELEMENT_TYPES, type NumberData } from './element-types.ts';
import { type Heap, POINTER } from './ort-heap.ts';
import { InferenceError, type Session, type TensorInfo } from './runtime.ts';

const CPU = 1;
/** A buffer larger than this is given back after the run instead of being kept for the next. */
const KEPT_BYTES = 64 * 1024;

/** A tensor over memory of ours, which the engine reads from or writes to. */
interface Place {
  readonly dtype: Dtype;
  readonly dims: readonly number[];
  readonly pointer: number;
  readonly tensor: number;
  readonly view: NumberData;
}

/** An input of the graph. Text is copied by the engine, so that it has a tensor but no place. */
interface InputSlot {
  readonly namePointer: number;
  place: Place | null;
  textTensor: number;
  /** Of the last run: the places of the outputs belong to these. */
  dims: readonly number[];
}

/** Where the outputs of these names go, as long as the inputs keep their shapes; null: the engine finds a place. */
interface Results {
  readonly outputs: readonly string[];
  readonly places: readonly (Place | null)[];
}

export class OrtSession implements Session {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly #heap: Heap;
  readonly #handle: number;
  readonly #runOptions: number;
  readonly #slots = new Map<string, InputSlot>();
  readonly #outputNames = new Map<string, number>();
  #results: Results | null = null;
  /** Arrays of pointers that OrtRun reads: input names, input tensors, output names, output tensors. */
  readonly #inputNames: number;
  readonly #inputValues: number;
  readonly #resultNames: number;
  readonly #resultValues: number;

  /** @param handle of the engine's session, which from here on is this object's. */
  constructor(heap: Heap, handle: number, runOptions: number) {
    const { ort } = heap;
    this.#heap = heap;
    this.#handle = handle;
    this.#runOptions = runOptions;
    heap.check(ort._OrtGetInputOutputCount(this.#handle, heap.out, heap.out + POINTER));
    const inputCount = heap.word(heap.out);
    const outputCount = heap.word(heap.out + POINTER);
    const described = Array.from({ length: inputCount + outputCount }, (_, index) => this.#describe(index));
    this.inputs = described.slice(0, inputCount).map(({ info }) => info);
    this.outputs = described.slice(inputCount).map(({ info }) => info);
    for (const [index, { info, namePointer }] of described.entries()) {
      if (index >= inputCount) this.#outputNames.set(info.name, namePointer);
      else this.#slots.set(info.name, { namePointer, place: null, textTensor: 0, dims: [] });
    }
    this.#inputNames = heap.allocate(2 * (inputCount + outputCount) * POINTER);
    this.#inputValues = this.#inputNames + inputCount * POINTER;
    this.#resultNames = this.#inputValues + inputCount * POINTER;
    this.#resultValues = this.#resultNames + outputCount * POINTER;
  }

  #describe(index: number): { info: TensorInfo; namePointer: number } {
    const heap = this.#heap;
    heap.check(heap.ort._OrtGetInputOutputMetadata(this.#handle, index, heap.out, heap.out + POINTER));
    const namePointer = heap.word(heap.out);
    const metadata = heap.word(heap.out + POINTER);
    const dtype = ELEMENT_TYPES[heap.word(metadata)]?.dtype ?? null;
    const rank = heap.word(metadata) === 0 ? 0 : heap.word(metadata + POINTER);
    const shape = Array.from({ length: rank }, (_, axis) => {
      const symbol = heap.word(metadata + 2 * POINTER + axis * POINTER);
      const size = heap.word(metadata + 2 * POINTER + (rank + axis) * POINTER) | 0;
      return symbol !== 0 || size < 0 ? null : size;
    });
    heap.ort._OrtFree(metadata);
    return { info: { name: heap.text(namePointer), dtype, shape }, namePointer };
  }

  run(feeds: readonly NamedTensor[], outputs: readonly string[]): Tensor[] {
    const heap = this.#heap;
    if (feeds.length > this.#slots.size) throw new InferenceError('more tensors than the graph has inputs');
    if (this.#results?.outputs !== outputs) this.#forgetResults();
    try {
      for (let i = 0; i < feeds.length; i += 1) {
        const { name, tensor } = feeds[i] as NamedTensor;
        const slot = this.#slots.get(name);
        if (slot === undefined) throw new InferenceError(`the graph has no input "${name}"`);
        heap.setWord(this.#inputNames + i * POINTER, slot.namePointer);
        heap.setWord(this.#inputValues + i * POINTER, this.#fill(slot, tensor));
      }
      for (let i = 0; i < outputs.length; i += 1) {
        const pointer = this.#outputNames.get(outputs[i] as string);
        if (pointer === undefined) throw new InferenceError(`the graph has no output "${outputs[i]}"`);
        heap.setWord(this.#resultNames + i * POINTER, pointer);
      }
      return this.#call(feeds.length, outputs);
    } finally {
      for (const slot of this.#slots.values()) this.#tidy(slot);
    }
  }

  /** Runs on what the arrays point to. Outputs that have a place since the last run are written there. */
  #call(inputCount: number, outputs: readonly string[]): Tensor[] {
    const heap = this.#heap;
    const kept = this.#results;
    for (let i = 0; i < outputs.length; i += 1) {
      heap.setWord(this.#resultValues + i * POINTER, kept?.places[i]?.tensor ?? 0);
    }
    const status = heap.ort._OrtRun(
      this.#handle,
      this.#inputNames,
      this.#inputValues,
      inputCount,
      this.#resultNames,
      outputs.length,
      this.#resultValues,
      this.#runOptions,
    );
    if (status !== 0 && kept !== null) {
      // The shape of an output may follow the values of the input, and then not fit its place. Without places the
      // same run says what is really wrong.
      this.#forgetResults();
      return this.#call(inputCount, outputs);
    }
    heap.check(status);
    // The engine's tensors are all fetched before one is read: reading may fail, and each must be released.
    const tensors = outputs.map((_, i) => (kept?.places[i] ? 0 : heap.word(this.#resultValues + i * POINTER)));
    try {
      const results = outputs.map((_, i): Tensor => {
        const place = kept?.places[i];
        if (!place) return this.#read(tensors[i] ?? 0);
        return { dtype: place.dtype, dims: place.dims, data: place.view.slice() as TensorData };
      });
      if (kept === null) this.#keepResults(outputs, results);
      return results;
    } finally {
      for (const tensor of tensors) if (tensor !== 0) heap.ort._OrtReleaseTensor(tensor);
    }
  }

  /** Makes a place for each output of numbers, for the next run on inputs of the same shapes. */
  #keepResults(outputs: readonly string[], results: readonly Tensor[]): void {
    const places = results.map(({ dtype, dims, data }) =>
      Array.isArray(data) || data.byteLength > KEPT_BYTES ? null : this.#createPlace(dtype, dims, data.length),
    );
    this.#results = { outputs, places };
  }

  #forgetResults(): void {
    for (const place of this.#results?.places ?? []) if (place !== null) this.#releasePlace(place);
    this.#results = null;
  }

  /** @returns the tensor that holds the values. */
  #fill(slot: InputSlot, { dtype, dims, data }: Tensor): number {
    if (!sameDims(slot.dims, dims)) {
      this.#forgetResults();
      slot.dims = dims.slice();
    }
    if (Array.isArray(data)) {
      slot.textTensor = this.#createTextTensor(data, dims);
      return slot.textTensor;
    }
    let { place } = slot;
    if (place === null || place.dtype !== dtype || !sameDims(place.dims, dims)) {
      if (place !== null) this.#releasePlace(place);
      slot.place = null;
      place = this.#createPlace(dtype, dims, data.length);
      slot.place = place;
    }
    // Arrays of one type: the engine's dtype and the array's were made from the same table.
    (place.view as Float32Array).set(data as Float32Array);
    return place.tensor;
  }

  #tidy(slot: InputSlot): void {
    if (slot.textTensor !== 0) {
      this.#heap.ort._OrtReleaseTensor(slot.textTensor);
      slot.textTensor = 0;
    }
    if (slot.place !== null && slot.place.view.byteLength > KEPT_BYTES) {
      this.#releasePlace(slot.place);
      slot.place = null;
    }
  }

  #createPlace(dtype: Dtype, dims: readonly number[], length: number): Place {
    const heap = this.#heap;
    const code = CODES.get(dtype) ?? 0;
    const NumberArray = ELEMENT_TYPES[code]?.array ?? Uint8Array;
    const bytes = length * NumberArray.BYTES_PER_ELEMENT;
    const pointer = heap.allocate(bytes);
    try {
      const tensor = this.#createTensor(code, pointer, bytes, dims);
      // Shared memory that has grown leaves older views of it valid.
      return { dtype, dims: dims.slice(), pointer, tensor, view: new NumberArray(heap.bytes.buffer, pointer, length) };
    } catch (error) {
      heap.free(pointer);
      throw error;
    }
  }

  #releasePlace({ tensor, pointer }: Place): void {
    this.#heap.ort._OrtReleaseTensor(tensor);
    this.#heap.free(pointer);
  }

  /** The engine copies the text: the pointers and the bytes are given back at once. */
  #createTextTensor(texts: readonly string[], dims: readonly number[]): number {
    const heap = this.#heap;
    const pointers = heap.allocate(texts.length * POINTER);
    let written = 0;
    try {
      for (const text of texts) {
        heap.setWord(pointers + written * POINTER, heap.allocateText(text));
        written += 1;
      }
      return this.#createTensor(CODES.get('string') ?? 0, pointers, texts.length * POINTER, dims);
    } finally {
      for (let i = 0; i < written; i += 1) heap.free(heap.word(pointers + i * POINTER));
      heap.free(pointers);
    }
  }

  #createTensor(code: number, data: number, bytes: number, dims: readonly number[]): number {
    const heap = this.#heap;
    const dimsPointer = heap.allocate(dims.length * POINTER);
    for (const [axis, size] of dims.entries()) heap.setWord(dimsPointer + axis * POINTER, size);
    const tensor = heap.ort._OrtCreateTensor(code, data, bytes, dimsPointer, dims.length, CPU);
    heap.free(dimsPointer);
    if (tensor === 0) throw heap.lastError();
    return tensor;
  }

  /** A copy of a tensor of the engine's. */
  #read(tensor: number): Tensor {
    const heap = this.#heap;
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

  release(): void {
    const { ort } = this.#heap;
    this.#forgetResults();
    for (const slot of this.#slots.values()) {
      this.#tidy(slot);
      if (slot.place !== null) this.#releasePlace(slot.place);
      slot.place = null;
      ort._OrtFree(slot.namePointer);
    }
    for (const pointer of this.#outputNames.values()) ort._OrtFree(pointer);
    this.#heap.free(this.#inputNames);
    ort._OrtReleaseSession(this.#handle);
  }
}

/**
 * @returns the handle of a session of the model, whose bytes are copied.
 * @throws InferenceError when the engine refuses the model.
 */
export function openModel(heap: Heap, model: Uint8Array, sessionOptions: number): number {
  const bytes = heap.allocate(model.length);
  let handle: number;
  try {
    heap.bytes.set(model, bytes);
    handle = heap.ort._OrtCreateSession(bytes, model.length, sessionOptions);
  } finally {
    heap.free(bytes);
  }
  heap.check(0);
  if (handle === 0) throw heap.lastError();
  return handle;
}

function sameDims(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
