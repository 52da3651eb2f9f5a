// The bytes of a model in the engine's memory, from the first piece until the session is made of them.
import type { Heap } from './ort-heap.ts';
import { OrtSession } from './ort-session.ts';

/** What sessions are made with: the engine's handles. */
export interface SessionSettings {
  readonly plain: number;
  readonly optimised: number;
  readonly runOptions: number;
}

export class OrtIntake {
  readonly #heap: Heap;
  readonly #bytes: number;
  readonly #settings: SessionSettings;
  /** 0 after the end. */
  #pointer: number;
  #written = 0;

  constructor(heap: Heap, bytes: number, settings: SessionSettings) {
    this.#heap = heap;
    this.#bytes = bytes;
    this.#settings = settings;
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

  load(optimise: boolean): OrtSession {
    const heap = this.#heap;
    const { plain, optimised, runOptions } = this.#settings;
    try {
      const handle = heap.ort._OrtCreateSession(this.#pointer, this.#bytes, optimise ? optimised : plain);
      heap.check(0);
      return new OrtSession(heap, handle, runOptions);
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
