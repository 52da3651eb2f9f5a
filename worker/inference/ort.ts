// ONNX Runtime as a `Runtime`: the exported C functions of onnxruntime-web's WebAssembly build, called directly.
// The only file that knows ORT. One thread, synchronous, silent.

import factory, { type OrtModule } from 'onnxruntime-web/ort-wasm-simd-threaded.mjs';
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm';
import type { Dtype } from '../pipeline/manifest.ts';
import type { NamedTensor, Tensor, TensorData } from '../pipeline/tensor.ts';
import { EngineCrash, InferenceError, type Runtime, type Session, type TensorInfo } from './runtime.ts';

/** TensorProto.DataType of onnx.proto3, with the array that holds it. */
const ELEMENT_TYPES: Readonly<Record<number, { dtype: Dtype; array: ArrayType | null }>> = {
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
type ArrayType = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => Exclude<TensorData, string[]>;

const CODES = new Map(Object.entries(ELEMENT_TYPES).map(([code, { dtype }]) => [dtype, Number(code)]));
const STRING_CODE = 8;

const POINTER = 4;
const CPU = 1;
/** Warnings name tensors of a stranger's model: nothing below fatal reaches the log. */
const LOG_FATAL = 4;
const OPTIMISE_ALL = 99;
const SEQUENTIAL = 0;
/** An input buffer larger than this is given back after the run instead of being kept for the next. */
const KEPT_INPUT_BYTES = 64 * 1024;

/**
 * Starts one instance of the engine (about 70 ms): a memory of its own and the ORT environment.
 * @see onnxruntime/wasm/api.h for the C functions.
 */
export async function createOrtRuntime(): Promise<Runtime> {
  let memory: WebAssembly.Memory | undefined;
  const ort = await factory({
    numThreads: 1,
    instantiateWasm(imports, onInstance) {
      memory = Object.values(imports)
        .flatMap((space) => Object.values(space))
        .find((value) => value instanceof WebAssembly.Memory);
      onInstance(new WebAssembly.Instance(wasm, imports as WebAssembly.Imports), wasm);
    },
  });
  if (memory === undefined) throw new Error('the ONNX Runtime module imports no memory');
  const heap = new Heap(ort, memory);
  heap.check(ort._OrtInit(1, LOG_FATAL));
  const sessionOptions = ort._OrtCreateSessionOptions(
    OPTIMISE_ALL,
    false,
    false,
    SEQUENTIAL,
    false,
    0,
    0,
    LOG_FATAL,
    0,
    0,
  );
  const runOptions = ort._OrtCreateRunOptions(LOG_FATAL, 0, false, 0);
  return {
    load: (model) => guard(() => new OrtSession(heap, model, sessionOptions, runOptions)),
    memoryBytes: () => heap.bytes.length,
  };
}

/** A trap (abort, unreachable, stack overflow) leaves the instance in an unknown state: it must be replaced. */
function guard<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof InferenceError) throw error;
    throw new EngineCrash('the inference engine stopped', { cause: error });
  }
}

/** The engine's memory: views that follow its growth, and the few allocations this adapter makes. */
class Heap {
  readonly ort: OrtModule;
  readonly #memory: WebAssembly.Memory;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();
  #bytes: Uint8Array;
  #words: Uint32Array;
  readonly #scratch: number;

  constructor(ort: OrtModule, memory: WebAssembly.Memory) {
    this.ort = ort;
    this.#memory = memory;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#words = new Uint32Array(memory.buffer);
    this.#scratch = this.allocate(4 * POINTER);
  }

  get bytes(): Uint8Array {
    if (this.#bytes.buffer !== this.#memory.buffer) this.#refresh();
    return this.#bytes;
  }

  get words(): Uint32Array {
    if (this.#words.buffer !== this.#memory.buffer) this.#refresh();
    return this.#words;
  }

  #refresh(): void {
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#words = new Uint32Array(this.#memory.buffer);
  }

  allocate(bytes: number): number {
    const pointer = this.ort._malloc(Math.max(bytes, 1));
    if (pointer === 0) throw new InferenceError('the inference engine is out of memory');
    return pointer >>> 0;
  }

  free(pointer: number): void {
    if (pointer !== 0) this.ort._free(pointer);
  }

  /** Four words for out-parameters, valid until the next call of the engine. */
  get out(): number {
    return this.#scratch;
  }

  word(pointer: number): number {
    return this.words[pointer >>> 2] ?? 0;
  }

  setWord(pointer: number, value: number): void {
    this.words[pointer >>> 2] = value;
  }

  allocateText(text: string): number {
    const encoded = this.#encoder.encode(text);
    const pointer = this.allocate(encoded.length + 1);
    this.bytes.set(encoded, pointer);
    this.bytes[pointer + encoded.length] = 0;
    return pointer;
  }

  /** UTF-8 text from `start` to `end`, or to the first NUL. */
  text(start: number, end?: number): string {
    const bytes = this.bytes;
    const stop = end ?? bytes.indexOf(0, start);
    return this.#decoder.decode(bytes.slice(start, stop));
  }

  check(status: number): void {
    if (status !== 0) throw this.lastError();
  }

  lastError(): InferenceError {
    this.ort._OrtGetLastError(this.#scratch, this.#scratch + POINTER);
    const message = this.word(this.#scratch + POINTER);
    return new InferenceError(message === 0 ? 'the inference engine gave no reason' : this.text(message));
  }
}

/** An input of the graph, and the tensor last made for it: reused as long as the shape stays the same. */
interface InputSlot {
  readonly namePointer: number;
  readonly index: number;
  data: number;
  capacity: number;
  tensor: number;
  dtype: Dtype | null;
  dims: readonly number[];
}

class OrtSession implements Session {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly #heap: Heap;
  readonly #handle: number;
  readonly #runOptions: number;
  readonly #slots = new Map<string, InputSlot>();
  readonly #outputNames = new Map<string, number>();
  /** Arrays of pointers that OrtRun reads: input names, input tensors, output names, output tensors. */
  readonly #arrays: number;

  constructor(heap: Heap, model: Uint8Array, sessionOptions: number, runOptions: number) {
    const { ort } = heap;
    this.#heap = heap;
    this.#runOptions = runOptions;
    const bytes = heap.allocate(model.length);
    try {
      heap.bytes.set(model, bytes);
      this.#handle = ort._OrtCreateSession(bytes, model.length, sessionOptions);
    } finally {
      heap.free(bytes);
    }
    if (this.#handle === 0) throw heap.lastError();

    heap.check(ort._OrtGetInputOutputCount(this.#handle, heap.out, heap.out + POINTER));
    const inputCount = heap.word(heap.out);
    const outputCount = heap.word(heap.out + POINTER);
    const described = Array.from({ length: inputCount + outputCount }, (_, index) => this.#describe(index));
    this.inputs = described.slice(0, inputCount).map(({ info }) => info);
    this.outputs = described.slice(inputCount).map(({ info }) => info);
    for (const [index, { info, namePointer }] of described.entries()) {
      if (index >= inputCount) this.#outputNames.set(info.name, namePointer);
      else {
        this.#slots.set(info.name, { namePointer, index, data: 0, capacity: 0, tensor: 0, dtype: null, dims: [] });
      }
    }
    this.#arrays = heap.allocate(2 * (inputCount + outputCount) * POINTER);
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
    return guard(() => this.#run(feeds, outputs));
  }

  #run(feeds: readonly NamedTensor[], outputs: readonly string[]): Tensor[] {
    const heap = this.#heap;
    const inputNames = this.#arrays;
    const inputValues = inputNames + this.#slots.size * POINTER;
    const outputNames = inputValues + this.#slots.size * POINTER;
    const outputValues = outputNames + this.#outputNames.size * POINTER;
    if (feeds.length > this.#slots.size) throw new InferenceError('more tensors than the graph has inputs');
    try {
      for (const [i, { name, tensor }] of feeds.entries()) {
        const slot = this.#slots.get(name);
        if (slot === undefined) throw new InferenceError(`the graph has no input "${name}"`);
        this.#fill(slot, tensor);
        heap.setWord(inputNames + i * POINTER, slot.namePointer);
        heap.setWord(inputValues + i * POINTER, slot.tensor);
      }
      for (const [i, name] of outputs.entries()) {
        const pointer = this.#outputNames.get(name);
        if (pointer === undefined) throw new InferenceError(`the graph has no output "${name}"`);
        heap.setWord(outputNames + i * POINTER, pointer);
        heap.setWord(outputValues + i * POINTER, 0);
      }
      heap.check(
        heap.ort._OrtRun(
          this.#handle,
          inputNames,
          inputValues,
          feeds.length,
          outputNames,
          outputs.length,
          outputValues,
          this.#runOptions,
        ),
      );
      const tensors = outputs.map((_, i) => heap.word(outputValues + i * POINTER));
      try {
        return tensors.map((tensor) => this.#read(tensor));
      } finally {
        for (const tensor of tensors) heap.ort._OrtReleaseTensor(tensor);
      }
    } finally {
      for (const slot of this.#slots.values()) {
        if (slot.capacity > KEPT_INPUT_BYTES || slot.dtype === 'string') this.#empty(slot);
      }
    }
  }

  #fill(slot: InputSlot, tensor: Tensor): void {
    if (Array.isArray(tensor.data)) this.#fillText(slot, tensor.data, tensor);
    else this.#fillNumbers(slot, tensor.data, tensor);
  }

  #fillNumbers(slot: InputSlot, data: Exclude<TensorData, string[]>, { dtype, dims }: Tensor): void {
    const heap = this.#heap;
    if (slot.tensor === 0 || slot.dtype !== dtype || !sameDims(slot.dims, dims)) {
      if (slot.tensor !== 0) heap.ort._OrtReleaseTensor(slot.tensor);
      slot.tensor = 0;
      if (slot.capacity < data.byteLength || slot.data === 0) {
        heap.free(slot.data);
        slot.data = 0;
        slot.data = heap.allocate(data.byteLength);
        slot.capacity = data.byteLength;
      }
      slot.tensor = this.#createTensor(dtype, slot.data, data.byteLength, dims);
      slot.dtype = dtype;
      slot.dims = dims.slice();
    }
    heap.bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), slot.data);
  }

  /** ORT copies the strings into the tensor: the pointers and the text are given back at once. */
  #fillText(slot: InputSlot, texts: readonly string[], { dims }: Tensor): void {
    const heap = this.#heap;
    this.#empty(slot);
    const pointers = heap.allocate(texts.length * POINTER);
    let written = 0;
    try {
      for (const text of texts) {
        heap.setWord(pointers + written * POINTER, heap.allocateText(text));
        written += 1;
      }
      slot.tensor = this.#createTensor('string', pointers, texts.length * POINTER, dims);
      slot.dtype = 'string';
    } finally {
      for (let i = 0; i < written; i += 1) heap.free(heap.word(pointers + i * POINTER));
      heap.free(pointers);
    }
  }

  #createTensor(dtype: Dtype, data: number, bytes: number, dims: readonly number[]): number {
    const heap = this.#heap;
    const dimsPointer = heap.allocate(dims.length * POINTER);
    for (const [axis, size] of dims.entries()) heap.setWord(dimsPointer + axis * POINTER, size);
    const tensor = heap.ort._OrtCreateTensor(CODES.get(dtype) ?? 0, data, bytes, dimsPointer, dims.length, CPU);
    heap.free(dimsPointer);
    if (tensor === 0) throw heap.lastError();
    return tensor;
  }

  #empty(slot: InputSlot): void {
    if (slot.tensor !== 0) this.#heap.ort._OrtReleaseTensor(slot.tensor);
    this.#heap.free(slot.data);
    Object.assign(slot, { data: 0, capacity: 0, tensor: 0, dtype: null, dims: [] });
  }

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
      // A copy: the tensor is released before the caller looks at it, and the memory may be shared.
      const view = new type.array(heap.bytes.buffer, data, size);
      return { dtype: type.dtype, dims, data: view.slice() as TensorData };
    }
    // The strings lie one behind the other; the last one ends with a NUL. The block was allocated for this call.
    const texts: string[] = [];
    for (let i = 0; i < size; i += 1) {
      const start = heap.word(data + i * POINTER);
      texts.push(heap.text(start, i + 1 < size ? heap.word(data + (i + 1) * POINTER) : undefined));
    }
    if (code === STRING_CODE) heap.free(data);
    return { dtype: 'string', dims, data: texts };
  }

  release(): void {
    const { ort } = this.#heap;
    for (const slot of this.#slots.values()) {
      this.#empty(slot);
      ort._OrtFree(slot.namePointer);
    }
    for (const pointer of this.#outputNames.values()) ort._OrtFree(pointer);
    this.#heap.free(this.#arrays);
    ort._OrtReleaseSession(this.#handle);
  }
}

function sameDims(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
