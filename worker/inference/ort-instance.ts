// One instance of the engine's WebAssembly behind its JavaScript glue, and the two handles that every session needs.
// The only file that imports the glue.
import factory, { type Imports, type OrtModule } from 'onnxruntime-web/ort-wasm-simd-threaded.mjs';
import { LIMITS } from '../limits.ts';
import { Heap } from './ort-heap.ts';
import { GROWTH_BYTES } from './runtime.ts';
import type { Handles } from './snapshot.ts';

/** Warnings name tensors of a stranger's model: nothing below fatal reaches the log. */
const LOG_FATAL = 4;
const OPTIMISE_NOTHING = 0;
const OPTIMISE_ALL = 99;
const SEQUENTIAL = 0;

export interface Instance {
  readonly ort: OrtModule;
  readonly memory: WebAssembly.Memory;
}

// The glue looks for its folder and catches what is thrown where a Worker has none; but for the stack of that error V8
// parses the whole bundle anew: a tenth of a cold start.
import.meta.url ??= 'https://localhost';

/** @param instantiate what gives the glue the exports that it calls. */
export async function createInstance(instantiate: (imports: Imports) => WebAssembly.Exports): Promise<Instance> {
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
      onInstance({ exports: instantiate(imports) });
    },
  });
  if (memory === undefined) throw new Error('the ONNX Runtime module imports no memory');
  return { ort, memory };
}

/** @returns the exports of a new instance. */
export function instantiate(wasm: WebAssembly.Module, imports: Imports): WebAssembly.Exports {
  return new WebAssembly.Instance(wasm, imports as WebAssembly.Imports).exports;
}

/** Initialises ONNX Runtime in an instance that ran its constructors (about 70 ms, most of it lazy compilation). */
export function initialise({ ort, memory }: Instance): Handles {
  const heap = new Heap(ort, memory);
  heap.check(ort._OrtInit(1, LOG_FATAL));
  // No arena and no memory pattern: memory of a model that is released must be free for the next.
  const createOptions = (optimisation: number) =>
    ort._OrtCreateSessionOptions(optimisation, false, false, SEQUENTIAL, false, 0, 0, LOG_FATAL, 0, 0);
  return {
    scratch: heap.out,
    plain: createOptions(OPTIMISE_NOTHING),
    optimised: createOptions(OPTIMISE_ALL),
    runOptions: ort._OrtCreateRunOptions(LOG_FATAL, 0, false, 0),
  };
}

/** WASI's clock_time_get among the glue's imports, whose names are minified. */
const CLOCK = /^function \w+\((\w+),\s*(\w+),\s*(\w+)\)\s*\{.*Date\.now\(\).*timeOrigin.*BigInt\(/s;
/** Where the engine has the glue call one of its functions that might throw, takes nothing and answers an int64. */
const INVOKE = /^function \w+\((\w+)\)\s*\{.*try\s*\{\s*return \w+\(\1\)\(\).*\b0n/s;

/**
 * The engine asks for the time four times in each run, for telemetry that is compiled out, and the way to it leads into
 * the glue, back into the engine, again into the glue and into the platform: a tenth of a prediction. During a run the
 * platform's clock stands still anyway. Here it stands at 0, and a function that did nothing but look at it is not
 * called again.
 */
function stopClock(imports: Imports, memory: WebAssembly.Memory): void {
  let words = new Uint32Array(memory.buffer);
  let looks = 0;
  const clocks: boolean[] = [];
  const readClock = (_id: number, _precision: bigint, out: number): number => {
    const at = out >>> 2;
    if (at + 1 >= words.length) words = new Uint32Array(memory.buffer);
    words[at] = 0;
    words[at + 1] = 0;
    looks += 1;
    return 0;
  };
  replaceFunction(imports, CLOCK, () => readClock);
  replaceFunction(imports, INVOKE, (invoke) => (index: number): bigint => {
    if (clocks[index]) return 0n;
    const before = looks;
    const time = invoke(index) as bigint;
    clocks[index] = time === 0n && looks === before + 1;
    return time;
  });
}

/** Where the glue waits for post from other threads. */
const MAILBOX = /Atomics\.waitAsync/;

/** There is one thread, so that the wait would never end, and a pending wait keeps its memory alive for ever. */
function closeMailbox(imports: Imports): void {
  replaceFunction(imports, MAILBOX, () => () => {});
}

/** Where the glue makes the engine's memory larger. */
const GROW = /\.grow\(/;
const PAGE_BYTES = 64 * 1024;

/**
 * The glue adds a fifth each time, which never comes back: a model of 24 MB left 96 to 101 MB instead of 85. And it knows
 * no bound: a model that asks for too much is out of memory, or the isolate ends with all that is in it.
 */
function growSparingly(imports: Imports, memory: WebAssembly.Memory): void {
  const grow = (wanted: number): boolean => {
    if (wanted >>> 0 > LIMITS.ENGINE_MOST_BYTES) return false;
    const missing = (wanted >>> 0) - memory.buffer.byteLength;
    for (const spare of [GROWTH_BYTES, 0]) {
      try {
        const most = LIMITS.ENGINE_MOST_BYTES - memory.buffer.byteLength;
        memory.grow(Math.ceil(Math.min(missing + spare, most) / PAGE_BYTES));
        return true;
      } catch {
        // There is no more.
      }
    }
    return false;
  };
  replaceFunction(imports, GROW, () => grow);
}

type AnyFunction = (...args: number[]) => unknown;

function replaceFunction(imports: Imports, source: RegExp, replace: (original: AnyFunction) => unknown): void {
  for (const space of Object.values(imports)) {
    for (const [name, value] of Object.entries(space)) {
      if (typeof value === 'function' && source.test(String(value))) space[name] = replace(value as AnyFunction);
    }
  }
}
