// The models loaded in this isolate: bounded by bytes, the least recently used goes first. Since an engine's memory
// never shrinks, one that holds far more than its models need, ran out of it or crashed is replaced by a new one.
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { EngineCrash, OutOfMemory, type Runtime, type Session } from './runtime.ts';

/**
 * What a model's bytes cost. Measured: weights keep 1.5 times their bytes and need 3 times as they are loaded, trees
 * keep 5 times and need up to 13, which then shows in the memory's growth.
 */
const MEMORY_PER_MODEL_BYTE = 3;
/** What a session takes besides: 34 to 80 KB where the graph is small, and the places that runs keep. */
const SESSION_BYTES = 128 * 1024;
/** The memory grows by a fifth at a time, so that up to this part of it may never have been needed. */
const SPARE = 1 / 6;
/** An engine whose models need less than this part of its memory is wasteful; less than all but SPARE. */
const WELL_USED = 4 / 5;

/** What tells models apart, and how they are loaded. */
export interface CachedModel {
  readonly digest: string;
  /** See Runtime.load. */
  readonly optimise?: boolean;
}

export interface SessionCache {
  /** @returns the loaded session, or null. It is good until the next await: another request may have it dropped. */
  find(digest: string): Session | null;
  /**
   * @param load fetches the model's bytes when it is not loaded.
   * @throws InferenceError or EngineCrash when the engine does not take the model, and what `load` throws. A model that
   *   was not taken or crashed the engine rests for UNAVAILABLE_RETRY_SECONDS: each try costs other models their place.
   */
  get(model: CachedModel, load: () => Promise<Uint8Array>): Promise<Session>;
}

interface Entry {
  readonly session: Session;
  /** What it is thought to need. */
  readonly bytes: number;
}

interface Engine {
  readonly runtime: Runtime;
  /** Its memory when it was new, and the models it came with. */
  readonly emptyBytes: number;
  readonly preloaded: number;
  /** Since it was started, or since someone last set about replacing it. */
  loads: number;
}

interface Failure {
  readonly error: unknown;
  readonly until: number;
}

/**
 * @param started an engine that is ready, so that the first request need not wait for one.
 * @param start makes another in its place.
 */
export function createSessionCache(
  started: Runtime,
  start: () => Promise<Runtime>,
  now: () => number = Date.now,
): SessionCache {
  let engine: Engine | null = null;
  let held = 0;
  /** In the order of use, the least recent first. */
  const entries = new Map<string, Entry>();
  /** The last of them, which most requests want again. */
  let latest = '';
  /** Models that rest, in the order in which they may be tried again. */
  const failures = new Map<string, Failure>();
  use(started);

  function find(digest: string): Session | null {
    const entry = entries.get(digest);
    if (entry === undefined) return null;
    if (digest !== latest) {
      entries.delete(digest);
      entries.set(digest, entry);
      latest = digest;
    }
    return entry.session;
  }

  /** @throws the error of the last try, while the model rests. */
  function findOrRefuse(digest: string): Session | null {
    const session = find(digest);
    const failure = session === null ? failures.get(digest) : undefined;
    if (failure !== undefined && now() < failure.until) throw failure.error;
    return session;
  }

  function rest(digest: string, error: unknown): void {
    const at = now();
    for (const [oldest, { until }] of failures) {
      if (at < until) break;
      failures.delete(oldest);
    }
    failures.delete(digest);
    failures.set(digest, { error, until: at + LIMITS.UNAVAILABLE_RETRY_SECONDS * 1000 });
  }

  function makeRoom(bytes: number): void {
    for (const [digest, entry] of entries) {
      if (held + toShare(bytes) <= LIMITS.SESSION_CACHE_BYTES) return;
      entries.delete(digest);
      held -= toShare(entry.bytes);
      entry.session.release();
    }
  }

  /** What the engine has loaded as it started is part of its memory when it is new, and still goes when room is needed. */
  function use(runtime: Runtime): void {
    const models = runtime.preloaded();
    const home = { runtime, emptyBytes: runtime.memoryBytes(), preloaded: models.length, loads: 0 };
    for (const { digest, bytes, session } of models) keep(digest, watch(digest, session, home), toEstimate(bytes));
    engine = home;
  }

  function keep(digest: string, session: Session, bytes: number): void {
    entries.set(digest, { session, bytes });
    latest = digest;
    held += toShare(bytes);
  }

  function add({ digest, optimise }: CachedModel, onnx: Uint8Array, home: Engine): Session {
    const { runtime } = home;
    const estimate = toEstimate(onnx.length);
    makeRoom(estimate);
    home.loads += 1;
    const before = runtime.memoryBytes();
    const session = watch(digest, runtime.load(onnx, optimise), home);
    const after = runtime.memoryBytes();
    const bytes = Math.max(estimate, Math.floor(after - before - after * SPARE));
    if (bytes > estimate) makeRoom(bytes);
    keep(digest, session, bytes);
    return session;
  }

  /** The session, which on a crash of its engine takes all the others with it: they live in the same memory. */
  function watch(digest: string, session: Session, home: Engine): Session {
    const watched: Session = {
      ...session,
      run(feeds, outputs) {
        try {
          return session.run(feeds, outputs);
        } catch (error) {
          if (error instanceof EngineCrash) {
            leave(home, error);
            rest(digest, error);
          }
          throw error;
        }
      },
      release() {
        watched.run = refuseToRun;
        session.release();
      },
    };
    return watched;
  }

  /** Leaves an engine for good. After a crash its memory is not to be trusted, and no session in it may be run. */
  function leave(home: Engine, error: unknown): void {
    if (engine !== home) return;
    if (error instanceof EngineCrash) for (const { session } of entries.values()) session.run = refuseToRun;
    engine = null;
    forget(home);
  }

  function forget(home: Engine | null): void {
    held = 0;
    entries.clear();
    home?.runtime.close();
  }

  function isWasteful({ runtime, emptyBytes, loads }: Engine, onnx: Uint8Array): boolean {
    const memory = runtime.memoryBytes();
    if (memory <= LIMITS.ENGINE_BYTES || loads < LIMITS.ENGINE_LOADS) return false;
    let needed = emptyBytes + toEstimate(onnx.length);
    for (const { bytes } of entries.values()) needed += bytes;
    return needed < memory * WELL_USED;
  }

  /** Sessions of the old engine that someone still holds are good: its memory goes when the last of them does. */
  async function renew(): Promise<void> {
    const old = engine;
    // While this request waits, and if it is cancelled, the others go on with the old one.
    if (old !== null) old.loads = 0;
    const fresh = await start();
    // Another request may have replaced it meanwhile: no promise is shared between requests, only results are.
    if (engine !== old) return;
    forget(old);
    use(fresh);
  }

  return {
    find,
    async get(model, load) {
      const { digest } = model;
      const here = findOrRefuse(digest);
      if (here !== null) return here;
      const onnx = await load();
      for (let tries = 1; ; tries += 1) {
        if (engine !== null && isWasteful(engine, onnx)) await renew();
        while (engine === null) await renew();
        // Again, after the awaits; from here on there is none.
        const found = findOrRefuse(digest);
        if (found !== null) return found;
        const home: Engine = engine;
        const isNew = entries.size <= home.preloaded && home.runtime.memoryBytes() === home.emptyBytes;
        try {
          return add(model, onnx, home);
        } catch (error) {
          const isSpent = error instanceof EngineCrash || error instanceof OutOfMemory;
          if (isSpent) leave(home, error);
          if (isSpent && !isNew && tries === 1) continue;
          rest(digest, error);
          throw error;
        }
      }
    },
  };
}

function toEstimate(modelBytes: number): number {
  return modelBytes * MEMORY_PER_MODEL_BYTE + SESSION_BYTES;
}

function toShare(bytes: number): number {
  return Math.min(bytes, LIMITS.SESSION_SHARE_BYTES);
}

/** What a session does that was dropped after a request got it and before it ran it. */
function refuseToRun(): never {
  throw new AppError('model_unavailable', 'The model was unloaded meanwhile. Try again.');
}
