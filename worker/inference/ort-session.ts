// One loaded model in the engine's memory. What a run needs stays prepared for the next one of the same shape: the
// input tensors, and a place for every output of numbers, so that a prediction is one call and two small copies.
import type { NamedTensor, Tensor } from '../pipeline/tensor.ts';
import { ELEMENT_TYPES, type NumberData } from './element-types.ts';
import { type Heap, POINTER } from './ort-heap.ts';
import {
  createPlace,
  createTextTensor,
  fillPlace,
  fits,
  type Place,
  readPlace,
  readTensor,
  releasePlace,
  sameDims,
} from './ort-tensor.ts';
import { InferenceError, type Session, type TensorInfo } from './runtime.ts';

/** A buffer larger than this is given back after the run instead of being kept for the next. */
const KEPT_BYTES = 64 * 1024;

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

/** The last run, where all it read and wrote has a place: the arrays of pointers still point there. */
interface Repeatable {
  readonly outputs: readonly string[];
  readonly inputs: readonly { readonly name: string; readonly place: Place }[];
  readonly results: readonly Place[];
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
  #last: Repeatable | null = null;
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
    return this.#repeat(feeds, outputs) ?? this.#prepare(feeds, outputs);
  }

  /** The last run once more, with other values: copies and one call. @returns null where it is not the same run. */
  #repeat(feeds: readonly NamedTensor[], outputs: readonly string[]): Tensor[] | null {
    const last = this.#last;
    if (last === null || last.outputs !== outputs || last.inputs.length !== feeds.length) return null;
    for (let i = 0; i < feeds.length; i += 1) {
      const { name, tensor } = feeds[i] as NamedTensor;
      const input = last.inputs[i];
      if (input === undefined || input.name !== name || !fits(input.place, tensor)) return null;
    }
    for (let i = 0; i < feeds.length; i += 1) {
      fillPlace((last.inputs[i] as { place: Place }).place, feeds[i]?.tensor.data as NumberData);
    }
    // Nothing new is read from its memory, so that it does not matter whether that has grown.
    if (this.#callEngine(feeds.length, outputs.length) !== 0) return null;
    const results = new Array<Tensor>(outputs.length);
    for (let i = 0; i < outputs.length; i += 1) results[i] = readPlace(last.results[i] as Place);
    return results;
  }

  #prepare(feeds: readonly NamedTensor[], outputs: readonly string[]): Tensor[] {
    const heap = this.#heap;
    this.#last = null;
    if (feeds.length > this.#slots.size) throw new InferenceError('more tensors than the graph has inputs');
    if (this.#results?.outputs !== outputs) this.#forgetResults();
    const used: InputSlot[] = [];
    let results: Tensor[];
    try {
      for (let i = 0; i < feeds.length; i += 1) {
        const { name, tensor } = feeds[i] as NamedTensor;
        const slot = this.#slots.get(name);
        if (slot === undefined) throw new InferenceError(`the graph has no input "${name}"`);
        used.push(slot);
        heap.setWord(this.#inputNames + i * POINTER, slot.namePointer);
        heap.setWord(this.#inputValues + i * POINTER, this.#fill(slot, tensor));
      }
      for (let i = 0; i < outputs.length; i += 1) {
        const pointer = this.#outputNames.get(outputs[i] as string);
        if (pointer === undefined) throw new InferenceError(`the graph has no output "${outputs[i]}"`);
        heap.setWord(this.#resultNames + i * POINTER, pointer);
      }
      results = this.#call(feeds.length, outputs);
    } finally {
      for (const slot of this.#slots.values()) this.#tidy(slot);
    }
    this.#remember(feeds, used);
    return results;
  }

  /** A run whose tensors all have a place that is kept can be repeated. */
  #remember(feeds: readonly NamedTensor[], used: readonly InputSlot[]): void {
    const kept = this.#results;
    if (kept === null) return;
    const inputs = used.flatMap(({ place }, i) => (place === null ? [] : [{ name: feeds[i]?.name ?? '', place }]));
    const results = kept.places.flatMap((place) => place ?? []);
    if (inputs.length < feeds.length || results.length < kept.places.length) return;
    for (const [i, { tensor }] of results.entries()) this.#heap.setWord(this.#resultValues + i * POINTER, tensor);
    this.#last = { outputs: kept.outputs, inputs, results };
  }

  #callEngine(inputs: number, outputs: number): number {
    return this.#heap.ort._OrtRun(
      this.#handle,
      this.#inputNames,
      this.#inputValues,
      inputs,
      this.#resultNames,
      outputs,
      this.#resultValues,
      this.#runOptions,
    );
  }

  /** Runs on what the arrays point to. Outputs that have a place since the last run are written there. */
  #call(inputCount: number, outputs: readonly string[]): Tensor[] {
    const heap = this.#heap;
    const kept = this.#results;
    for (let i = 0; i < outputs.length; i += 1) {
      heap.setWord(this.#resultValues + i * POINTER, kept?.places[i]?.tensor ?? 0);
    }
    const status = this.#callEngine(inputCount, outputs.length);
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
        return place ? readPlace(place) : readTensor(heap, tensors[i] ?? 0);
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
      Array.isArray(data) || data.byteLength > KEPT_BYTES ? null : createPlace(this.#heap, dtype, dims, data.length),
    );
    this.#results = { outputs, places };
  }

  #forgetResults(): void {
    for (const place of this.#results?.places ?? []) if (place !== null) releasePlace(this.#heap, place);
    this.#results = null;
    this.#last = null;
  }

  /** @returns the tensor that holds the values. */
  #fill(slot: InputSlot, tensor: Tensor): number {
    const { dtype, dims, data } = tensor;
    if (!sameDims(slot.dims, dims)) {
      this.#forgetResults();
      slot.dims = dims.slice();
    }
    if (Array.isArray(data)) {
      slot.textTensor = createTextTensor(this.#heap, data, dims);
      return slot.textTensor;
    }
    let { place } = slot;
    if (place === null || !fits(place, tensor)) {
      if (place !== null) releasePlace(this.#heap, place);
      slot.place = null;
      place = createPlace(this.#heap, dtype, dims, data.length);
      slot.place = place;
    }
    fillPlace(place, data);
    return place.tensor;
  }

  #tidy(slot: InputSlot): void {
    if (slot.textTensor !== 0) {
      this.#heap.ort._OrtReleaseTensor(slot.textTensor);
      slot.textTensor = 0;
    }
    if (slot.place !== null && slot.place.view.byteLength > KEPT_BYTES) {
      releasePlace(this.#heap, slot.place);
      slot.place = null;
    }
  }

  release(): void {
    const { ort } = this.#heap;
    this.#forgetResults();
    for (const slot of this.#slots.values()) {
      this.#tidy(slot);
      if (slot.place !== null) releasePlace(this.#heap, slot.place);
      slot.place = null;
      ort._OrtFree(slot.namePointer);
    }
    for (const pointer of this.#outputNames.values()) ort._OrtFree(pointer);
    this.#heap.free(this.#inputNames);
    ort._OrtReleaseSession(this.#handle);
  }
}
