// What Postern asks of an inference engine. `ort.ts` is the one implementation; test/contract/runtime.ts is what
// any implementation must pass.

import type { Dtype } from '../pipeline/manifest.ts';
import type { NamedTensor, Tensor } from '../pipeline/tensor.ts';

export interface TensorInfo {
  readonly name: string;
  /** null: not a tensor (a sequence or a map), or an element type that cannot be read. */
  readonly dtype: Dtype | null;
  /** null: a dynamic axis. */
  readonly shape: readonly (number | null)[];
}

/** What an engine's memory grows by beyond what is needed at the moment, at most. */
export const GROWTH_BYTES = 2 * 1024 * 1024;

/** A loaded model. Calls are synchronous, so one never runs inside another. */
export interface Session {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /**
   * Runs the graph once.
   * @param feeds one tensor per graph input, in any order.
   * @param outputs names of the outputs wanted.
   * @returns their tensors in that order, copied out of the engine's memory.
   * @throws InferenceError when the graph rejects the input.
   */
  run(feeds: readonly NamedTensor[], outputs: readonly string[]): Tensor[];
  /** Gives the model's memory back to the engine. The session must not be used afterwards. */
  release(): void;
}

/** A model's bytes on their way into the engine: they are written where it reads them, piece by piece. */
export interface Intake {
  /** Copies a piece behind the last one. @throws Error for more bytes than were announced, or after the end. */
  write(piece: Uint8Array): void;
  /**
   * Loads what was written. Whatever comes of it, this is the end.
   * @see Runtime.load
   * @throws Error when bytes are missing.
   */
  load(optimise?: boolean): Session;
  /** Gives the memory of the bytes back, once. */
  end(): void;
}

export interface Runtime {
  /**
   * Makes room for the bytes of an ONNX file in the engine's memory.
   * @throws OutOfMemory
   */
  open(bytes: number): Intake;
  /**
   * Loads a model.
   * @param model the bytes of an ONNX file; they are copied.
   * @param optimise whether the graph is rewritten for speed first. A graph of one or two nodes gains nothing by it,
   *   and the first model of an isolate then loads 15 to 30 ms sooner, since the optimisers need not be compiled.
   * @throws InferenceError when the engine refuses it, OutOfMemory when there is no room for it.
   */
  load(model: Uint8Array, optimise?: boolean): Session;
  /** @returns the models that were loaded as it started; to be called once. */
  preloaded(): readonly { readonly digest: string; readonly bytes: number; readonly session: Session }[];
  /** Bytes the engine holds; never shrinks. */
  memoryBytes(): number;
  /**
   * Lets go of the memory, whoever still holds this object: no more is loaded. Sessions go on, and the memory with them.
   */
  close(): void;
}

/** The engine's own word on a model or an input. Its message may name tensors; it is shown to the model's owner. */
export class InferenceError extends Error {
  override readonly name = 'InferenceError';
}

/** There is no room left in the engine's memory. It goes on, and with fewer models the same call may succeed. */
export class OutOfMemory extends InferenceError {
  constructor() {
    super('the inference engine is out of memory');
  }
}

/** The engine itself stopped (a trap, an abort): this runtime and its sessions must not be used again. */
export class EngineCrash extends Error {
  override readonly name = 'EngineCrash';
}
