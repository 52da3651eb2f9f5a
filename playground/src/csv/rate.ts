// How fast it goes: over the last seconds, so that a wait or a faster network shows. Pure but for the samples.

const WINDOW_MS = 4000;

export interface Rate {
  add(now: number, rows: number, bytes: number): void;
  /** Per second; null while nothing was counted. */
  get(now: number): { readonly rows: number; readonly bytes: number } | null;
}

export function createRate(start: number, rows = 0, bytes = 0): Rate {
  let samples = [{ at: start, rows, bytes }];
  return {
    add(now, rows, bytes) {
      samples.push({ at: now, rows, bytes });
      // One sample older than the window is kept: it is where the window begins.
      const begin = samples.findLastIndex(({ at }) => at <= now - WINDOW_MS);
      if (begin > 0) samples = samples.slice(begin);
    },
    get(now) {
      const from = samples[0];
      const to = samples.at(-1);
      if (from === undefined || to === undefined || from === to) return null;
      const seconds = Math.max(now - from.at, 1) / 1000;
      return { rows: (to.rows - from.rows) / seconds, bytes: (to.bytes - from.bytes) / seconds };
    },
  };
}
