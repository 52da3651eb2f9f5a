// The feature name a caller most likely meant: equal but for case and separators, or a few typing errors away.
// Null rather than a guess. Cost is bounded for hostile keys: only names of about the key's length are compared.

/** Typing errors a suggestion may be away, however long the name. */
const MOST_ERRORS = 4;
/** A longer key is not a typing error. */
const LONGEST_KEY = 256;
const UNIT = /[([].*$/;

/** @returns the nearest of `names`, or null where none is plausible. */
export function findNearest(key: string, names: readonly string[]): string | null {
  if (key.length === 0 || key.length > LONGEST_KEY) return null;
  const wanted = plain(key);
  if (wanted === '') return null;
  let nearest: string | null = null;
  let best = Math.min(MOST_ERRORS, Math.floor(wanted.length / 3)) + 1;
  for (const name of names) {
    const candidate = plain(name);
    if (candidate === wanted) return name;
    const bare = candidate.replace(UNIT, '');
    // A name without its unit, "petal width (cm)", is nearer than any misspelt one.
    const distance = bare === wanted ? 0.5 : countErrors(wanted, candidate, best);
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

/** Optimal string alignment (Damerau-Levenshtein without overlaps); gives up at `bound`. */
function countErrors(a: string, b: string, bound: number): number {
  const most = Math.ceil(bound);
  if (Math.abs(a.length - b.length) >= most) return bound;
  // pixel_785 is no misspelt pixel_784: a number is right or it is another column.
  if (a.replace(/\d+/g, '#') === b.replace(/\d+/g, '#')) return bound;
  let before: number[] = [];
  let above: number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const current: number[] = [];
    current[0] = i;
    let least = i;
    // Cells farther from the diagonal than the bound cannot lie on a path that is short enough.
    const end = Math.min(b.length, i + most);
    for (let j = Math.max(1, i - most); j <= end; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(above, j) + 1, at(current, j - 1) + 1, at(above, j - 1) + (same ? 0 : 1));
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) cost = Math.min(cost, at(before, j - 2) + 1);
      current[j] = cost;
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
