// ONNX Runtime as a `Runtime`: the exported C functions of onnxruntime-web's WebAssembly build, called directly.
// The only file that imports the engine. One thread, synchronous, silent.
import factory from 'onnxruntime-web/ort-wasm-simd-threaded.mjs';
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm';
import { LIMITS } from '../limits.ts';
import { Heap } from './ort-heap.ts';
import { OrtSession } from './ort-session.ts';
import { EngineCrash, InferenceError, type Runtime, type Session } from './runtime.ts';

/** Warnings name tensors of a stranger's model: nothing below fatal reaches the log. */
const LOG_FATAL = 4;
const OPTIMISE_NOTHING = 0;
const OPTIMISE_ALL = 99;
const SEQUENTIAL = 0;
const PAGE_BYTES = 65_536;

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
      if (memory !== undefined) {
        stopClock(imports, memory);
        limitGrowth(memory);
      }
      closeMailbox(imports);
      onInstance(new WebAssembly.Instance(wasm, imports as WebAssembly.Imports), wasm);
    },
  });
  if (memory === undefined) throw new Error('the ONNX Runtime module imports no memory');
  const heap = new Heap(ort, memory);
  heap.check(ort._OrtInit(1, LOG_FATAL));
  // No arena and no memory pattern: memory of a model that is released must be free for the next.
  const createOptions = (optimisation: number) =>
    ort._OrtCreateSessionOptions(optimisation, false, false, SEQUENTIAL, false, 0, 0, LOG_FATAL, 0, 0);
  const plain = createOptions(OPTIMISE_NOTHING);
  const optimised = createOptions(OPTIMISE_ALL);
  const runOptions = ort._OrtCreateRunOptions(LOG_FATAL, 0, false, 0);
  return toRuntime(heap, { plain, optimised, runOptions });
}

/** A function of its own, since closures that are made together hold together what one of them holds. */
function toRuntime(started: Heap, options: { plain: number; optimised: number; runOptions: number }): Runtime {
  let heap: Heap | null = started;
  const load = (model: Uint8Array, optimise: boolean): Session => {
    if (heap === null) throw new Error('the engine is closed');
    return new OrtSession(heap, model, optimise ? options.optimised : options.plain, options.runOptions);
  };
  return {
    load: (model, optimise = true) => guardSession(guard(() => load(model, optimise))),
    memoryBytes: () => heap?.bytes.length ?? 0,
    close() {
      heap = null;
    },
  };
}

/** WASI's clock_time_get among the glue's imports, whose names are minified. */
const CLOCK = /^function \w+\((\w+),(\w+),(\w+)\)\{.*Date\.now\(\).*timeOrigin.*BigInt\(/s;

/**
 * The engine reads the clock four times in each run, for telemetry that is compiled out, and the glue's way to it
 * crosses into the platform for each: a tenth of a prediction. During a run the platform's clock stands still anyway.
 */
function stopClock(imports: Record<string, Record<string, unknown>>, memory: WebAssembly.Memory): void {
  let words = new Uint32Array(memory.buffer);
  const readClock = (_id: number, _precision: bigint, out: number): number => {
    const at = out >>> 2;
    if (at + 1 >= words.length) words = new Uint32Array(memory.buffer);
    words[at] = 0;
    words[at + 1] = 0;
    return 0;
  };
  replaceFunction(imports, CLOCK, readClock);
}

/** A model that asks for more is out of memory, as it would be in a small machine: else the isolate ends with all that is in it. */
function limitGrowth(memory: WebAssembly.Memory): void {
  const grow = memory.grow.bind(memory);
  memory.grow = (pages) => {
    if (memory.buffer.byteLength + pages * PAGE_BYTES > LIMITS.ENGINE_MOST_BYTES) throw new RangeError('no room');
    return grow(pages);
  };
}

/** Where the glue waits for post from other threads. */
const MAILBOX = /Atomics\.waitAsync/;

/** There is one thread, so that the wait would never end, and a pending wait keeps its memory alive for ever. */
function closeMailbox(imports: Record<string, Record<string, unknown>>): void {
  replaceFunction(imports, MAILBOX, () => {});
}

function replaceFunction(imports: Record<string, Record<string, unknown>>, source: RegExp, by: unknown): void {
  for (const space of Object.values(imports)) {
    for (const [name, value] of Object.entries(space)) {
      if (typeof value === 'function' && source.test(String(value))) space[name] = by;
    }
  }
}

function guardSession(session: Session): Session {
  return {
    inputs: session.inputs,
    outputs: session.outputs,
    run: (feeds, outputs) => guard(() => session.run(feeds, outputs)),
    release: () => guard(() => session.release()),
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
