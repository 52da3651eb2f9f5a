// The models loaded in this isolate: bounded by bytes, the least recently used goes first. Since an engine's memory
// never shrinks, one that holds far more than its models need, ran out of it or crashed is replaced by a new one.
import { AppError, CorruptModel } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { type Budget, createBudget } from './budget.ts';
import { createFailures } from './failures.ts';
import {
  EngineCrash,
  GROWTH_BYTES,
  InferenceError,
  type Intake,
  OutOfMemory,
  type Runtime,
  type Session,
} from './runtime.ts';
import { createTurns, type Turn } from './turns.ts';

/**
 * What a model's bytes cost. Measured: weights keep 1.1 times their bytes and need 3 times as they are loaded, trees
 * keep 5 times and need up to 13, which then shows in the memory's growth.
 */
const MEMORY_PER_MODEL_BYTE = 3;
/** What a session takes besides: 34 to 80 KB where the graph is small, and the places that runs keep. */
const SESSION_BYTES = 128 * 1024;
/** An engine whose models need less than this part of its memory is wasteful. */
const WELL_USED = 4 / 5;
/** How often a load begins anew because others had the engine replaced meanwhile. */
const STARTS = 4;

/** What tells models apart, and how they are loaded. */
export interface CachedModel {
  readonly digest: string;
  /** How many there are of its bytes. */
  readonly bytes: number;
  /** See Runtime.load. */
  readonly optimise?: boolean;
}

export interface SessionCache {
  /** @returns the loaded session, or null. It is good until the next await: another request may have it dropped. */
  find(digest: string): Session | null;
  /**
   * @param read the model's bytes, in pieces that are copied before the next one is asked for. It is called when the
   *   model is not loaded and no other request loads it.
   * @throws InferenceError or EngineCrash when the engine does not take the model, and what `read` throws. A model that
   *   was not taken, crashed the engine or came with other bytes than its own rests for UNAVAILABLE_RETRY_SECONDS: each try costs other models their place.
   */
  get(model: CachedModel, read: () => AsyncIterable<Uint8Array>): Promise<Session>;
}

export interface SessionCacheOptions {
  /** Milliseconds. */
  readonly now?: () => number;
  /** Sees to it that a load goes on when the request that began it is cancelled: others may be waiting for it. */
  readonly keep?: (load: Promise<unknown>) => void;
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
  readonly budget: Budget;
  readonly preloaded: number;
  /** Since it was started, or since someone last set about replacing it. */
  loads: number;
}

/** A call of `get` that loads. */
interface Job {
  readonly model: CachedModel;
  readonly read: () => AsyncIterable<Uint8Array>;
  /** Whether an engine ran out of memory or crashed over it: the second time it is the model's fault. */
  wasSpent: boolean;
}

/**
 * @param started an engine that is ready, so that the first request need not wait for one.
 * @param start makes another in its place.
 */
export function createSessionCache(
  started: Runtime,
  start: () => Promise<Runtime>,
  { now = Date.now, keep = () => undefined }: SessionCacheOptions = {},
): SessionCache {
  const turns = createTurns(now);
  const failures = createFailures(now);
  let engine: Engine | null = null;
  let held = 0;
  /** In the order of use, the least recent first. */
  const entries = new Map<string, Entry>();
  /** The last of them, which most requests want again. */
  let latest = '';
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
    if (session === null) failures.check(digest);
    return session;
  }

  function makeRoom(bytes: number): void {
    const budget = engine === null ? 0 : engine.budget.update(engine.runtime.memoryBytes(), held, toShare(bytes));
    for (const [digest, entry] of entries) {
      if (held + toShare(bytes) <= budget) return;
      entries.delete(digest);
      held -= toShare(entry.bytes);
      entry.session.release();
    }
  }

  /** What the engine has loaded as it started is part of its memory when it is new, and still goes when room is needed. */
  function use(runtime: Runtime): void {
    const models = runtime.preloaded();
    const emptyBytes = runtime.memoryBytes();
    const budget = createBudget(emptyBytes + LIMITS.SESSION_CACHE_BYTES);
    const home = { runtime, emptyBytes, preloaded: models.length, budget, loads: 0 };
    for (const { digest, bytes, session } of models) insert(digest, watch(digest, session, home), toEstimate(bytes));
    engine = home;
  }

  function add({ digest }: CachedModel, session: Session, bytes: number): void {
    makeRoom(bytes);
    insert(digest, session, bytes);
  }

  function insert(digest: string, session: Session, bytes: number): void {
    entries.set(digest, { session, bytes });
    latest = digest;
    held += toShare(bytes);
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
            failures.add(digest, error);
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

  function isWasteful({ runtime, emptyBytes, loads }: Engine, bytesToCome: number): boolean {
    const memory = runtime.memoryBytes();
    if (memory <= LIMITS.ENGINE_BYTES || loads < LIMITS.ENGINE_LOADS) return false;
    let needed = emptyBytes + toEstimate(bytesToCome);
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

  /** @returns null where it has to begin anew: the engine was replaced, or another request took the turn. */
  async function load(job: Job, turn: Turn): Promise<Session | null> {
    const pieces = job.read()[Symbol.asyncIterator]();
    try {
      // Storage has the model: only now others lose their place for it.
      const first = await pieces.next();
      turn.touch();
      if (engine !== null && isWasteful(engine, job.model.bytes)) await renew();
      while (engine === null) await renew();
      return turn.isLost ? null : await receive(job, engine, turn, first, pieces);
    } catch (error) {
      if (isOfModel(error)) failures.add(job.model.digest, error);
      throw error;
    } finally {
      await pieces.return?.();
      turn.end();
    }
  }

  /** Takes the bytes into an engine and loads them; see `load`. */
  async function receive(
    job: Job,
    home: Engine,
    turn: Turn,
    first: IteratorResult<Uint8Array>,
    pieces: AsyncIterator<Uint8Array>,
  ): Promise<Session | null> {
    const { runtime } = home;
    const { digest, bytes: size, optimise } = job.model;
    const estimate = toEstimate(size);
    const isNew = entries.size <= home.preloaded && runtime.memoryBytes() === home.emptyBytes;
    let intake: Intake | null = null;
    const drop = (): void => {
      if (intake === null || engine !== home) return;
      intake.end();
      intake = null;
      held -= toShare(estimate);
    };
    turn.onLost = drop;
    try {
      makeRoom(estimate);
      intake = runtime.open(size);
      held += toShare(estimate);
      for (let next = first; !next.done; next = await pieces.next()) {
        if (turn.isLost || engine !== home) return null;
        intake.write(next.value);
        turn.touch();
      }
      if (turn.isLost || engine !== home) return null;
      home.loads += 1;
      const before = runtime.memoryBytes() - size;
      const session = watch(digest, intake.load(optimise), home);
      drop();
      add(job.model, session, Math.max(estimate, runtime.memoryBytes() - before - GROWTH_BYTES));
      return session;
    } catch (error) {
      const isSpent = error instanceof EngineCrash || error instanceof OutOfMemory;
      if (isSpent) leave(home, error);
      if (isSpent && !isNew && !job.wasSpent) {
        job.wasSpent = true;
        return null;
      }
      if (isSpent) failures.add(digest, error);
      throw error;
    } finally {
      drop();
    }
  }

  return {
    find,
    async get(model, read) {
      const isLoaded = () => findOrRefuse(model.digest) !== null;
      const job: Job = { model, read, wasSpent: false };
      for (let starts = 0; starts < STARTS; starts += 1) {
        const here = findOrRefuse(model.digest);
        if (here !== null) return here;
        const turn = await turns.take(model, isLoaded);
        if (turn === null) continue;
        const loading = load(job, turn);
        keep(loading.catch(() => undefined));
        const session = await loading;
        if (session !== null) return session;
      }
      throw new AppError('model_unavailable', 'The model cannot be loaded at the moment. Try again.');
    },
  };
}

/** Whether the next try would most likely end like this one. */
function isOfModel(error: unknown): boolean {
  return error instanceof InferenceError || (error instanceof AppError && error.details.cause instanceof CorruptModel);
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
