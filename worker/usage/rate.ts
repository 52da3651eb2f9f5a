// The rate limit of a pipeline: the platform's limiter counts for a whole location, and is asked for every tenth call
// without being waited for. Its "no" holds for what comes after it, until its period ends.
import { LIMITS } from '../limits.ts';

/** The platform's binding. */
export interface RateLimiter {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

export interface Rate {
  /** Counts a call. @returns milliseconds until which calls are refused; in the past: this one is not. */
  call(at: number): number;
}

const PERIOD_MS = LIMITS.RATE_PERIOD_SECONDS * 1000;

/** @param key of the pipeline: never its secret, which the limiter's operator could read. */
export function createRate(
  limiter: RateLimiter | null,
  key: string,
  now: () => number,
  waitUntil: (work: Promise<unknown>) => void,
): Rate {
  let calls = 0;
  let refusedUntil = 0;

  async function ask(limiter: RateLimiter): Promise<void> {
    // A limiter that does not answer limits nobody: the daily cap still holds.
    const { success } = await limiter.limit({ key }).catch(() => ({ success: true }));
    if (!success) refusedUntil = (Math.floor(now() / PERIOD_MS) + 1) * PERIOD_MS;
  }

  return {
    call(at) {
      if (limiter === null || refusedUntil > at) return refusedUntil;
      calls += 1;
      if (calls === LIMITS.RATE_CALLS_PER_ASK) {
        calls = 0;
        waitUntil(ask(limiter));
      }
      return refusedUntil;
    },
  };
}
