// How exporters and people change column names on the way to graph inputs, and which column an input means.
import type { Column } from './training.ts';

/** skl2onnx: re.sub('[^\\w+]', '_', name), and "_" before a leading digit. */
export function mangle(name: string): string {
  const clean = name.replace(/[^\p{L}\p{N}_+]/gu, '_');
  return /^\p{Nd}/u.test(clean) ? `_${clean}` : clean;
}

/** Names after skl2onnx: a number is appended where a name was taken, in column order. */
export function mangleAll(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const seed = mangle(name);
    let unique = seed;
    for (let i = 1; taken.has(unique); i += 1) unique = `${seed}${i}`;
    taken.add(unique);
    return unique;
  });
}

/** What tf2onnx and serving signatures wrap around a name. */
function unwrap(name: string): string {
  return name
    .replace(/:\d+$/, '')
    .replace(/^serving_default_/, '')
    .replace(/^(?:input|inputs|in)[_./]/i, '')
    .replace(/[_./](?:input|in)$/i, '');
}

/** Letters and digits alone, in lower case and without accents. */
export function simplify(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

function toWords(name: string): Set<string> {
  const spaced = name
    .normalize('NFKD')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase();
  return new Set(spaced.split(/[^\p{L}\p{N}]+/u).filter(Boolean));
}

/** The ways a name can be the column's, from the surest to the vaguest. */
const TIERS: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => mangle(name),
  (name) => mangle(unwrap(name)),
  (name) => simplify(unwrap(name)),
];

/**
 * Pairs inputs with columns of the same name, as far as names tell.
 * @param fits whether a column can be fed to an input.
 */
export function matchNames(
  inputs: readonly string[],
  columns: readonly Column[],
  fits: (input: string, column: Column) => boolean,
): Map<string, Column> {
  const matched = new Map<string, Column>();
  const free = new Set(columns);
  const take = (input: string, column: Column) => {
    matched.set(input, column);
    free.delete(column);
  };
  // First, because of columns with colliding names the one that needs no change is numbered too.
  matchCollisions(inputs, columns, matched, take);
  for (const input of inputs) {
    if (matched.has(input)) continue;
    const exact = columns.find((column) => free.has(column) && column.name === input && fits(input, column));
    if (exact !== undefined) take(input, exact);
  }
  for (const tier of TIERS) {
    for (const input of inputs) {
      if (matched.has(input)) continue;
      const wanted = tier(input);
      if (wanted === '') continue;
      const same = [...free].filter((column) => tier(column.name) === wanted && fits(input, column));
      const [only] = same;
      if (same.length === 1 && only !== undefined) take(input, only);
    }
  }
  return matched;
}

/** net_pay, net_pay1, net_pay2: columns whose names become the same, numbered in their order. */
function matchCollisions(
  inputs: readonly string[],
  columns: readonly Column[],
  matched: ReadonlyMap<string, Column>,
  take: (input: string, column: Column) => void,
): void {
  const groups = new Map<string, Column[]>();
  for (const column of columns) groups.set(mangle(column.name), [...(groups.get(mangle(column.name)) ?? []), column]);
  for (const [seed, members] of groups) {
    if (members.length < 2) continue;
    const numbered = inputs.filter(
      (input) =>
        !matched.has(input) && (input === seed || (input.startsWith(seed) && /^\d+$/.test(input.slice(seed.length)))),
    );
    if (numbered.length !== members.length) continue;
    numbered.sort((a, b) => Number(a.slice(seed.length)) - Number(b.slice(seed.length)));
    for (const [i, input] of numbered.entries()) {
      const column = members[i];
      if (column !== undefined) take(input, column);
    }
  }
}

/** How alike two names are, by the words they share: 0 to 1. */
export function getLikeness(input: string, column: string): number {
  const a = toWords(unwrap(input));
  const b = toWords(column);
  const shared = [...a].filter((word) => b.has(word)).length;
  if (shared > 0) return shared / Math.max(a.size, b.size);
  const left = simplify(unwrap(input));
  const right = simplify(column);
  if (left === '' || right === '') return 0;
  return left.startsWith(right) || right.startsWith(left) ? 0.4 : 0;
}
