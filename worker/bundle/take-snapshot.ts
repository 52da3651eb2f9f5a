// Starts the engine, loads the tutorial and puts what the memory and the globals hold then into the WebAssembly file. An
// instance that goes on from there is compared with the one that was started: the same to the last byte, or no file.
import type { Imports } from 'onnxruntime-web/ort-wasm-simd-threaded.mjs';
import { Heap } from '../inference/ort-heap.ts';
import { createInstance, type Instance, initialise, instantiate } from '../inference/ort-instance.ts';
import { OrtIntake } from '../inference/ort-intake.ts';
import { type EngineIdentity, RESTORE, SNAPSHOT_SECTION, type Snapshot, withSnapshot } from '../inference/snapshot.ts';
import { addCustomSection, addRestoration, exportGlobals } from './wasm.ts';

const PAGE_BYTES = 4096;

/**
 * @param wasm the engine's file as it is published.
 * @returns it with the snapshot, for `findSnapshot`.
 */
export async function takeSnapshot(
  wasm: Uint8Array,
  engine: EngineIdentity,
  model: { readonly bytes: Uint8Array; readonly digest: string },
): Promise<Uint8Array> {
  const module = new WebAssembly.Module(exportGlobals(wasm));
  const started = await observe(module, (exports) => exports);
  const handles = initialise(started);
  const intake = new OrtIntake(new Heap(started.ort, started.memory, handles.scratch), model.bytes.length, handles);
  intake.write(model.bytes);
  const handle = intake.create(false);
  // Its glue counts exceptions where no snapshot reaches.
  if (started.hasThrown()) throw new Error('the engine throws as it starts');
  const { constructors } = started;
  const fresh = await observe(module, (exports) => ({ ...exports, [constructors]: () => {} }));

  const functions = WebAssembly.Module.imports(module).filter(({ kind }) => kind === 'function');
  const restorable = addRestoration(wasm, RESTORE, functions.length, {
    globals: new Map(started.globals().flatMap((value, i) => (value === fresh.globals()[i] ? [] : [[i, value]]))),
    stretches: findDifferences(fresh.memory, started.memory),
  });
  const models = [{ digest: model.digest, bytes: model.bytes.length, handle }];
  const snapshot: Snapshot = { engine, constructors, handles, models };
  const restored = await observe(new WebAssembly.Module(exportGlobals(restorable)), (exports) =>
    withSnapshot(exports, snapshot),
  );
  if (findDifferences(restored.memory, started.memory).length > 0) throw new Error('the memory is not what it was');
  if (restored.globals().join() !== started.globals().join()) throw new Error('a global is not what it was');
  return addCustomSection(restorable, SNAPSHOT_SECTION, JSON.stringify(snapshot));
}

/** The glue asks where it runs, and some of the answers end up in the memory. */
export async function asInWorkerd<T>(work: () => Promise<T>): Promise<T> {
  const mask = {
    process: undefined,
    self: globalThis,
    WorkerGlobalScope: class WorkerGlobalScope {},
    navigator: { userAgent: 'Cloudflare-Workers', hardwareConcurrency: 1, language: 'en' },
  };
  const before = new Map(Object.keys(mask).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));
  for (const [name, value] of Object.entries(mask)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  try {
    return await work();
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
      else Object.defineProperty(globalThis, name, descriptor);
    }
  }
}

/** An instance whose whole state can be seen: the memory and the globals. Nothing in the engine writes to its table. */
interface Observed extends Instance {
  globals(): number[];
  /** The first export that the glue called. */
  readonly constructors: string;
  /** Whether the glue was asked to throw. */
  hasThrown(): boolean;
}

/** @param give chooses what the glue gets of the exports. */
async function observe(
  wasm: WebAssembly.Module,
  give: (exports: WebAssembly.Exports) => WebAssembly.Exports,
): Promise<Observed> {
  let globals: WebAssembly.Global[] = [];
  let hasThrown = false;
  const called: string[] = [];
  const instance = await createInstance((imports) => {
    const exports = instantiate(
      wasm,
      mapFunctions(imports, (_, call) => (...args) => {
        try {
          return call(...args);
        } catch (error) {
          hasThrown = true;
          throw error;
        }
      }),
    );
    globals = Object.values(exports).filter((value) => value instanceof WebAssembly.Global);
    const [given] = Object.values(
      mapFunctions({ exports: give(exports) }, (name, call) => (...args) => {
        called.push(name);
        return call(...args);
      }),
    );
    return given as WebAssembly.Exports;
  });
  const [constructors] = called;
  if (constructors === undefined) throw new Error('the glue has called no constructors');
  return {
    ...instance,
    constructors,
    globals: () => globals.map(({ value }) => Number(value)),
    hasThrown: () => hasThrown,
  };
}

type Callable = (...args: unknown[]) => unknown;

function mapFunctions(spaces: Imports, wrap: (name: string, call: Callable) => Callable): Imports {
  return Object.fromEntries(
    Object.entries(spaces).map(([space, values]) => [
      space,
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
          name,
          typeof value === 'function' ? wrap(name, value as Callable) : value,
        ]),
      ),
    ]),
  );
}

/** @returns what `after` holds in the pages that are not as `before`. */
function findDifferences(
  before: WebAssembly.Memory,
  after: WebAssembly.Memory,
): { readonly address: number; readonly bytes: Uint8Array }[] {
  const old = new Uint8Array(before.buffer);
  const now = new Uint8Array(after.buffer);
  if (old.length !== now.length) throw new Error('the memory has grown');
  const ranges: { start: number; end: number }[] = [];
  for (let start = 0; start < now.length; start += PAGE_BYTES) {
    const end = start + PAGE_BYTES;
    if (Buffer.compare(old.subarray(start, end), now.subarray(start, end)) === 0) continue;
    const last = ranges.at(-1);
    if (last?.end === start) last.end = end;
    else ranges.push({ start, end });
  }
  return ranges.map(({ start, end }) => ({ address: start, bytes: now.slice(start, end) }));
}
