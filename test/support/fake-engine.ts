// A `Runtime` without an engine: memory that grows and never shrinks, models that are refused, do not fit or crash it.
// A model is its first byte (its number) and its length; its one answer is that number.
import {
  EngineCrash,
  InferenceError,
  type Intake,
  OutOfMemory,
  type Runtime,
  type Session,
} from '../../worker/inference/runtime.ts';

const MIB = 1024 * 1024;
export const EMPTY_BYTES = 16 * MIB;

export interface FakeEngines {
  /** Those that were started, in order. */
  readonly all: FakeEngine[];
  start(): Promise<Runtime>;
}

export interface FakeEngine extends Runtime {
  readonly loaded: Set<number>;
  /** Bytes of models that are on their way in. */
  arriving: number;
  loads: number;
  closed: boolean;
}

export interface FakeOptions {
  /** Bytes one engine can have. */
  room?: number;
  /** What loading takes for a moment and what stays, per byte of the model. */
  peak?: number;
  kept?: number;
  /** Numbers of models that keep another amount. */
  keptOf?: ReadonlyMap<number, number>;
  /** Numbers of models that crash the engine as they are loaded, or as they are run. */
  crashAtLoad?: Set<number>;
  crashAtRun?: Set<number>;
  refused?: Set<number>;
}

export const toModel = (number: number, bytes: number): Uint8Array => {
  const model = new Uint8Array(bytes);
  new DataView(model.buffer).setUint32(0, number);
  return model;
};

/** A model's bytes as storage gives them. */
export async function* toPieces(model: Uint8Array, pieceBytes = 256 * 1024): AsyncGenerator<Uint8Array, undefined> {
  for (let at = 0; at < model.length; at += pieceBytes) yield model.subarray(at, at + pieceBytes);
}

export function createFakeEngines(options: FakeOptions = {}): FakeEngines {
  const all: FakeEngine[] = [];
  return {
    all,
    async start() {
      const engine = createFakeEngine(options);
      all.push(engine);
      return engine;
    },
  };
}

function createFakeEngine(options: FakeOptions): FakeEngine {
  const { room = Number.POSITIVE_INFINITY, peak = 4, kept = 1.5 } = options;
  const loaded = new Set<number>();
  let memory = EMPTY_BYTES;
  let used = EMPTY_BYTES;
  let crashed = false;

  const enter = (number: number, crash: Set<number> | undefined) => {
    if (crashed) throw new Error('this engine crashed and must not be called');
    if (!crash?.has(number)) return;
    crashed = true;
    throw new EngineCrash('the inference engine stopped');
  };

  function load(engine: FakeEngine, number: number, bytes: number): Session {
    if (engine.closed) throw new Error('this engine was closed');
    engine.loads += 1;
    enter(number, options.crashAtLoad);
    if (options.refused?.has(number)) throw new InferenceError('no model');
    if (used + peak * bytes > room) throw new OutOfMemory();
    memory = Math.max(memory, used + peak * bytes);
    const own = (options.keptOf?.get(number) ?? kept) * bytes;
    used += own;
    memory = Math.max(memory, used);
    loaded.add(number);
    let released = false;
    return {
      inputs: [],
      outputs: [],
      run() {
        if (released) throw new Error('this session was released and must not be run');
        enter(number, options.crashAtRun);
        return [{ dtype: 'int32', dims: [1], data: new Int32Array([number]) }];
      },
      release() {
        if (released) throw new Error('this session was released before');
        released = true;
        used -= own;
        loaded.delete(number);
      },
    };
  }

  return {
    loaded,
    loads: 0,
    arriving: 0,
    closed: false,
    preloaded: () => [],
    memoryBytes: () => memory,
    close() {
      this.closed = true;
    },
    open(bytes): Intake {
      if (this.closed) throw new Error('this engine was closed');
      if (crashed) throw new Error('this engine crashed and must not be called');
      if (used + bytes > room) throw new OutOfMemory();
      const head = new Uint8Array(4);
      let written = 0;
      let ended = false;
      const end = () => {
        if (ended) return;
        ended = true;
        this.arriving -= bytes;
        used -= bytes;
      };
      this.arriving += bytes;
      used += bytes;
      memory = Math.max(memory, used);
      return {
        write(piece) {
          if (ended) throw new Error('these bytes are gone');
          if (written === 0) head.set(piece.subarray(0, head.length));
          written += piece.length;
        },
        load: () => {
          if (ended || written !== bytes) throw new Error('the model is not here');
          end();
          return load(this, new DataView(head.buffer).getUint32(0), bytes);
        },
        end,
      };
    },
    load(model): Session {
      return load(this, new DataView(model.buffer).getUint32(0), model.length);
    },
  };
}
