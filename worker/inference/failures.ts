// Models that the engine did not take or that crashed it rest for a while: each try costs others their place.
import { LIMITS } from '../limits.ts';

export interface Failures {
  /** @throws the error of the last try, while the model rests. */
  check(digest: string): void;
  /** It rests from now on. */
  add(digest: string, error: unknown): void;
}

interface Failure {
  readonly error: unknown;
  readonly until: number;
}

export function createFailures(now: () => number): Failures {
  /** In the order in which they may be tried again. */
  const failures = new Map<string, Failure>();

  return {
    check(digest) {
      const failure = failures.get(digest);
      if (failure !== undefined && now() < failure.until) throw failure.error;
    },
    add(digest, error) {
      const at = now();
      for (const [oldest, { until }] of failures) {
        if (at < until) break;
        failures.delete(oldest);
      }
      failures.delete(digest);
      failures.set(digest, { error, until: at + LIMITS.UNAVAILABLE_RETRY_SECONDS * 1000 });
    },
  };
}
