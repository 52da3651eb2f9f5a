// The feature name a caller most likely meant: equal but for case and separators, or a few typing errors away.
// Null rather than a guess. Cost is bounded for hostile keys: only names of about the key's length are compared.

/** Typing errors a suggestion may be away, however long the name. */
const MOST_ERRORS = 4;
/** A longer key is not a typing error. */
const LONGEST_KEY = 256;

/** @returns the nearest of `names`, or null where none is plausible. */
export function findNearest(key: string, names: readonly string[]): string | null {
  if (key.length === 0 || key.length > LONGEST_KEY) return null;
  const wanted = plain(key);
  if (wanted === '') return null;
  let nearest: string | null = null;
  let best = Math.min(MOST_ERRORS, Math.floor(wanted.length / 3)) + 1;
  for (const name of names) {
    if (Math.abs(name.length - key.length) > LONGEST_KEY) continue;
    const candidate = plain(name);
    if (candidate === wanted) return name;
    if (Math.abs(candidate.length - wanted.length) >= best) continue;
    // pixel_785 is no misspelt pixel_784: a number is right or it is another column.
    if (withoutDigits(candidate) === withoutDigits(wanted)) continue;
    const distance = countErrors(wanted, candidate, best);
    if (distance < best) {
      best = distance;
      nearest = name;
    }
  }
  return nearest;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_.-]+/g, '');
}

function withoutDigits(name: string): string {
  return name.replace(/\d+/g, '#');
}

/** Optimal string alignment (Damerau-Levenshtein without overlaps); gives up at `bound`. */
function countErrors(a: string, b: string, bound: number): number {
  let before: number[] = [];
  let above: number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(above, j) + 1, at(current, j - 1) + 1, at(above, j - 1) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, at(before, j - 2) + 1);
      current.push(cost);
      if (cost < least) least = cost;
    }
    if (least >= bound) return bound;
    before = above;
    above = current;
  }
  return at(above, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
