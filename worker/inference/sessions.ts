// The models loaded in this isolate: bounded by bytes, the least recently used goes first, and an engine that
// crashed is replaced by a new one.
import { LIMITS } from '../limits.ts';
import { EngineCrash, type Runtime, type Session } from './runtime.ts';

/** A model's bytes cost their parsed form, its kernels and the optimiser's copies: measured at 2 to 4 times. */
const MEMORY_PER_MODEL_BYTE = 3;
/** What even an empty session takes. */
const SESSION_BYTES = 256 * 1024;

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
   * @throws InferenceError or EngineCrash when the engine does not take the model, and what `load` throws.
   */
  get(model: CachedModel, load: () => Promise<Uint8Array>): Promise<Session>;
}

interface Entry {
  readonly session: Session;
  readonly bytes: number;
}

/**
 * @param started an engine that is ready, so that the first request need not wait for one.
 * @param start makes another when that one has crashed.
 */
export function createSessionCache(started: Runtime, start: () => Promise<Runtime>): SessionCache {
  let runtime: Runtime | null = started;
  let held = 0;
  /** In the order of use, the least recent first. */
  const entries = new Map<string, Entry>();
  /** The last of them, which most requests want again. */
  let latest = '';

  function drop(digest: string, entry: Entry): void {
    entries.delete(digest);
    held -= entry.bytes;
    entry.session.release();
  }

  function add({ digest, optimise }: CachedModel, onnx: Uint8Array, engine: Runtime): Session {
    const bytes = onnx.length * MEMORY_PER_MODEL_BYTE + SESSION_BYTES;
    for (const [oldest, entry] of entries) {
      if (held + bytes <= LIMITS.SESSION_CACHE_BYTES) break;
      drop(oldest, entry);
    }
    const session = watch(engine.load(onnx, optimise));
    entries.set(digest, { session, bytes });
    latest = digest;
    held += bytes;
    return session;
  }

  /** The session, which on a crash of its engine takes all the others with it: they live in the same memory. */
  function watch(session: Session): Session {
    return {
      ...session,
      run(feeds, outputs) {
        try {
          return session.run(feeds, outputs);
        } catch (error) {
          if (error instanceof EngineCrash) forget();
          throw error;
        }
      },
    };
  }

  function forget(): void {
    runtime = null;
    held = 0;
    entries.clear();
  }

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

  async function getRuntime(): Promise<Runtime> {
    if (runtime !== null) return runtime;
    const fresh = await start();
    // Another request may have replaced it meanwhile: no promise is shared between requests, only results are.
    runtime ??= fresh;
    return runtime;
  }

  return {
    find,
    async get(model, load) {
      const here = find(model.digest);
      if (here !== null) return here;
      const onnx = await load();
      const engine = await getRuntime();
      try {
        // Again, after the awaits.
        return find(model.digest) ?? add(model, onnx, engine);
      } catch (error) {
        if (error instanceof EngineCrash) forget();
        throw error;
      }
    },
  };
}
