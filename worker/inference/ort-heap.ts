// The engine's memory as its callers need it: words, text, allocations and errors.
import type { OrtModule } from 'onnxruntime-web/ort-wasm-simd-threaded.mjs';
import { InferenceError, OutOfMemory } from './runtime.ts';

/** Bytes of a pointer, and of the words that hold one. */
export const POINTER = 4;
/** Characters up to which text is put together one by one. */
const SHORT_TEXT = 64;

/** Where the engine says it noticed: a source file with its line, and the signature of a function. */
const SOURCE = /\S*\/\S+\.(?:cc|h):\d+ (?:[^()]*\([^)]*\)(?: const)?(?: \[[^\]]*\])? ?)?/g;
/** Of a reason; what comes later lists tensors. */
const REASON_CHARACTERS = 300;

/** The engine's words, for people who have not its source code. */
function toReason(message: string): string {
  return message.replace(SOURCE, '').trim().slice(0, REASON_CHARACTERS);
}

/** The engine's memory: views of it, and the few allocations this adapter makes. */
export class Heap {
  readonly ort: OrtModule;
  bytes: Uint8Array;
  words: Uint32Array;
  readonly #memory: WebAssembly.Memory;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();
  readonly #scratch: number;

  /** @param scratch where an earlier Heap of this memory has its four words. */
  constructor(ort: OrtModule, memory: WebAssembly.Memory, scratch?: number) {
    this.ort = ort;
    this.#memory = memory;
    this.bytes = new Uint8Array(memory.buffer);
    this.words = new Uint32Array(memory.buffer);
    this.#scratch = scratch ?? this.allocate(4 * POINTER);
  }

  /** To be called after every call that may have made the memory grow. Asking each time for the buffer is dear. */
  #followGrowth(): void {
    const { buffer } = this.#memory;
    if (this.bytes.buffer === buffer) return;
    this.bytes = new Uint8Array(buffer);
    this.words = new Uint32Array(buffer);
  }

  allocate(bytes: number): number {
    const pointer = this.ort._malloc(Math.max(bytes, 1));
    this.#followGrowth();
    if (pointer === 0) throw new OutOfMemory();
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

  /** UTF-8 text from `start` to `end`, or to the first NUL. Short ASCII, as labels are, needs no decoder. */
  text(start: number, end?: number): string {
    const bytes = this.bytes;
    let text = '';
    for (let i = start; i - start < SHORT_TEXT; i += 1) {
      const byte = bytes[i] ?? 0;
      if (i === end || (end === undefined && byte === 0)) return text;
      if (byte >= 0x80) break;
      text += String.fromCharCode(byte);
    }
    return this.#decoder.decode(bytes.slice(start, end ?? bytes.indexOf(0, start)));
  }

  /** Looks at what a call of the engine returned. */
  check(status: number): void {
    this.#followGrowth();
    if (status !== 0) throw this.lastError();
  }

  lastError(): InferenceError {
    this.ort._OrtGetLastError(this.#scratch, this.#scratch + POINTER);
    this.#followGrowth();
    const pointer = this.word(this.#scratch + POINTER);
    const message = pointer === 0 ? 'the inference engine gave no reason' : this.text(pointer);
    return message.includes('std::bad_alloc') ? new OutOfMemory() : new InferenceError(toReason(message));
  }
}
