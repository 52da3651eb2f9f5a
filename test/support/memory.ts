// An engine whose memory is of another kind: one that ends early, or that a test holds in its hand.
import { createOrtRuntime } from '../../worker/inference/ort.ts';
import type { Runtime } from '../../worker/inference/runtime.ts';

/** Starts an engine whose memory is made by `Memory`. */
export async function startWith(Memory: typeof WebAssembly.Memory): Promise<Runtime> {
  const real = WebAssembly.Memory;
  WebAssembly.Memory = Memory;
  try {
    return await createOrtRuntime();
  } finally {
    WebAssembly.Memory = real;
  }
}
