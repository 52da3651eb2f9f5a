// ONNX Runtime as a `Runtime`: the exported C functions of onnxruntime-web's WebAssembly build, called directly.
// The only file that imports the engine. One thread, synchronous, silent.
import factory from 'onnxruntime-web/ort-wasm-simd-threaded.mjs';
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm';
import { Heap } from './ort-heap.ts';
import { OrtIntake, type SessionSettings } from './ort-intake.ts';
import { EngineCrash, GROWTH_BYTES, InferenceError, type Intake, type Runtime, type Session } from './runtime.ts';

/** Warnings name tensors of a stranger's model: nothing below fatal reaches the log. */
const LOG_FATAL = 4;
const OPTIMISE_NOTHING = 0;
const OPTIMISE_ALL = 99;
const SEQUENTIAL = 0;

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
      if (memory !== undefined) stopClock(imports, memory);
      if (memory !== undefined) growSparingly(imports, memory);
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
function toRuntime(started: Heap, settings: SessionSettings): Runtime {
  let heap: Heap | null = started;
  const open = (bytes: number): Intake =>
    guardIntake(
      guard(() => {
        if (heap === null) throw new Error('the engine is closed');
        return new OrtIntake(heap, bytes, settings);
      }),
    );
  return {
    open,
    load(model, optimise) {
      const intake = open(model.length);
      intake.write(model);
      return intake.load(optimise);
    },
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

/** Where the glue waits for post from other threads. */
const MAILBOX = /Atomics\.waitAsync/;

/** There is one thread, so that the wait would never end, and a pending wait keeps its memory alive for ever. */
function closeMailbox(imports: Record<string, Record<string, unknown>>): void {
  replaceFunction(imports, MAILBOX, () => {});
}

/** Where the glue makes the engine's memory larger. */
const GROW = /\.grow\(/;
const PAGE_BYTES = 64 * 1024;

/** The glue adds a fifth each time, which never comes back: a model of 24 MB left 96 to 101 MB instead of 85. */
function growSparingly(imports: Record<string, Record<string, unknown>>, memory: WebAssembly.Memory): void {
  const grow = (wanted: number): boolean => {
    const missing = (wanted >>> 0) - memory.buffer.byteLength;
    for (const spare of [GROWTH_BYTES, 0]) {
      try {
        memory.grow(Math.ceil((missing + spare) / PAGE_BYTES));
        return true;
      } catch {
        // There is no more.
      }
    }
    return false;
  };
  replaceFunction(imports, GROW, grow);
}

function replaceFunction(imports: Record<string, Record<string, unknown>>, source: RegExp, by: unknown): void {
  for (const space of Object.values(imports)) {
    for (const [name, value] of Object.entries(space)) {
      if (typeof value === 'function' && source.test(String(value))) space[name] = by;
    }
  }
}

/** What the caller did wrong is no crash. */
function guardIntake(intake: OrtIntake): Intake {
  return {
    write: (piece) => intake.write(piece),
    load(optimise = true) {
      intake.expectAll();
      return guardSession(guard(() => intake.load(optimise)));
    },
    end: () => guard(() => intake.end()),
  };
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
