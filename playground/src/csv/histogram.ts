// How numbers are spread, counted as they come: the first ones choose the width of the bins, and when the numbers outgrow
// them, two bins become one. Bounded memory, exact counts. Pure but for the counts.

/** Bins that are kept, the empty ones between the least and the greatest number among them. */
const MOST_BINS = 256;
const FIRST_BINS = 128;

export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface Histogram {
  add(values: readonly number[]): void;
  /** At most `most` bins of one width, from the least to the greatest number. */
  toBins(most: number): Bin[];
}

export function createHistogram(): Histogram {
  let width = 0;
  let counts = new Map<number, number>();
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;

  const coarsen = (): void => {
    width *= 2;
    const wider = new Map<number, number>();
    for (const [bin, count] of counts) {
      const half = Math.floor(bin / 2);
      wider.set(half, (wider.get(half) ?? 0) + count);
    }
    counts = wider;
    first = Math.floor(first / 2);
    last = Math.floor(last / 2);
  };

  return {
    add(values) {
      if (values.length === 0) return;
      if (width === 0) width = toFirstWidth(values);
      for (const value of values) {
        let bin = Math.floor(value / width);
        while (Math.max(last, bin) - Math.min(first, bin) >= MOST_BINS) {
          coarsen();
          bin = Math.floor(value / width);
        }
        counts.set(bin, (counts.get(bin) ?? 0) + 1);
        if (bin < first) first = bin;
        if (bin > last) last = bin;
      }
    },
    toBins(most) {
      if (counts.size === 0) return [];
      const join = findJoin(first, last, most);
      const from = Math.floor(first / join);
      const bins = Array.from({ length: Math.floor(last / join) - from + 1 }, (_, i) => ({
        from: (from + i) * join * width,
        to: (from + i + 1) * join * width,
        count: 0,
      }));
      for (const [bin, count] of counts) {
        const at = bins[Math.floor(bin / join) - from];
        if (at !== undefined) at.count += count;
      }
      return bins;
    },
  };
}

/** 1, 2 or 5 times a power of ten, whole where the numbers are: limits that people can read. */
function toFirstWidth(values: readonly number[]): number {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const raw = most > least ? (most - least) / FIRST_BINS : Math.abs(most) / 1000 || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const width = ([1, 2, 5].find((factor) => factor * power >= raw) ?? 10) * power;
  return values.every(Number.isInteger) ? Math.max(1, width) : width;
}

/** How many bins are shown as one. */
function findJoin(first: number, last: number, most: number): number {
  for (let power = 1; ; power *= 10) {
    for (const factor of [1, 2, 5]) {
      const join = factor * power;
      if (Math.floor(last / join) - Math.floor(first / join) < most) return join;
    }
  }
}
