// The models loaded in this isolate: bounded by bytes, the least recently used goes first, and an engine that
// crashed is replaced by a new one.
import { LIMITS } from '../limits.ts';
import { EngineCrash, type Runtime, type Session } from './runtime.ts';

/** A model's bytes cost their parsed form, its kernels and the optimiser's copies: measured at 2 to 4 times. */
const MEMORY_PER_MODEL_BYTE = 3;
/** What even an empty session takes. */
const SESSION_BYTES = 256 * 1024;

export interface SessionCache {
  /**
   * Calls `use` with the model's loaded session. `use` is synchronous, so the session cannot go away under it.
   * @param load fetches the model's bytes when it is not loaded.
   */
  use<T>(digest: string, load: () => Promise<Uint8Array>, use: (session: Session) => T): Promise<T>;
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

  function drop(digest: string, entry: Entry): void {
    entries.delete(digest);
    held -= entry.bytes;
    entry.session.release();
  }

  function add(digest: string, model: Uint8Array, engine: Runtime): Session {
    const bytes = model.length * MEMORY_PER_MODEL_BYTE + SESSION_BYTES;
    for (const [oldest, entry] of entries) {
      if (held + bytes <= LIMITS.SESSION_CACHE_BYTES) break;
      drop(oldest, entry);
    }
    const session = engine.load(model);
    entries.set(digest, { session, bytes });
    held += bytes;
    return session;
  }

  function find(digest: string): Session | undefined {
    const entry = entries.get(digest);
    if (entry === undefined) return undefined;
    entries.delete(digest);
    entries.set(digest, entry);
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
    async use(digest, load, use) {
      let session = find(digest);
      if (session === undefined) {
        const model = await load();
        const engine = await getRuntime();
        session = find(digest);
        try {
          session ??= add(digest, model, engine);
        } catch (error) {
          forgetCrashed(error);
          throw error;
        }
      }
      try {
        return use(session);
      } catch (error) {
        forgetCrashed(error);
        throw error;
      }
    },
  };

  function forgetCrashed(error: unknown): void {
    if (!(error instanceof EngineCrash)) return;
    runtime = null;
    held = 0;
    entries.clear();
  }
}
