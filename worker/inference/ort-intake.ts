// The bytes of a model in the engine's memory, from the first piece until the session is made of them.
import type { Heap } from './ort-heap.ts';
import { OrtSession } from './ort-session.ts';
import type { Handles } from './snapshot.ts';

export class OrtIntake {
  readonly #heap: Heap;
  readonly #bytes: number;
  readonly #handles: Handles;
  /** 0 after the end. */
  #pointer: number;
  #written = 0;

  constructor(heap: Heap, bytes: number, handles: Handles) {
    this.#heap = heap;
    this.#bytes = bytes;
    this.#handles = handles;
    this.#pointer = heap.allocate(bytes);
  }

  write(piece: Uint8Array): void {
    // Past the end lies memory of others.
    if (this.#pointer === 0 || piece.length > this.#bytes - this.#written) throw new Error('no room for these bytes');
    this.#heap.bytes.set(piece, this.#pointer + this.#written);
    this.#written += piece.length;
  }

  /** @throws Error when bytes are missing. */
  expectAll(): void {
    if (this.#pointer === 0 || this.#written !== this.#bytes) throw new Error('the model is not here');
  }

  /** @throws InferenceError when the engine refuses the model. */
  load(optimise: boolean): OrtSession {
    return new OrtSession(this.#heap, this.create(optimise), this.#handles.runOptions);
  }

  /** @returns the handle of the engine's session. */
  create(optimise: boolean): number {
    const heap = this.#heap;
    const { plain, optimised } = this.#handles;
    try {
      const handle = heap.ort._OrtCreateSession(this.#pointer, this.#bytes, optimise ? optimised : plain);
      heap.check(0);
      if (handle === 0) throw heap.lastError();
      return handle;
    } finally {
      // The session has its own copy of what it needs.
      this.end();
    }
  }

  end(): void {
    this.#heap.free(this.#pointer);
    this.#pointer = 0;
  }
}
