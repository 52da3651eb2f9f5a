// The classes of a classifier and their order: from the owner, the graph, its metadata, or the label column.
import { LIMITS } from '../limits.ts';
import type { Scalar } from '../pipeline/manifest.ts';

const METADATA_KEYS = ['classes', 'class_names', 'classnames', 'labels', 'names', 'class_labels', 'categories'];

/** Class names that an exporter wrote into metadata_props: a JSON or Python list, a dictionary by index, or words. */
export function findMetadataClasses(metadata: ReadonlyMap<string, string>): Scalar[] | null {
  for (const [key, text] of metadata) {
    if (!METADATA_KEYS.includes(key.toLowerCase()) || text.length > 100_000) continue;
    const names = parseNames(text.trim());
    if (names !== null && names.length > 1 && names.length <= LIMITS.CLASSES) return names;
  }
  return null;
}

function parseNames(text: string): Scalar[] | null {
  if (!/^[[{(]/.test(text)) {
    const words = text.split(/[,;\n]/).map((word) => word.trim());
    return words.length > 1 && words.every(Boolean) ? words : null;
  }
  const json = text
    .replace(/^\(([\s\S]*)\)$/, '[$1]')
    .replace(/([{,]\s*)(\d+)\s*:/g, '$1"$2":')
    .replace(/'((?:[^'\\]|\\.)*)'/g, (_, word: string) => JSON.stringify(word))
    .replace(/,\s*([\]}])/g, '$1');
  try {
    return toNames(JSON.parse(text.startsWith('[') && !text.includes("'") ? text : json));
  } catch {
    return null;
  }
}

function toNames(parsed: unknown): Scalar[] | null {
  if (typeof parsed !== 'object' || parsed === null) return null;
  const entries = Object.entries(parsed);
  const ordered = Array.isArray(parsed) ? entries : toOrdered(entries);
  if (ordered === null) return null;
  const names = ordered.map(([, value]: [string, unknown]) => value);
  return names.every(
    (name): name is Scalar => typeof name === 'string' || typeof name === 'number' || typeof name === 'boolean',
  )
    ? names
    : null;
}

/** {"0": "cat", "1": "dog"} by index, {"cat": 0, "dog": 1} turned round. */
function toOrdered(entries: [string, unknown][]): [string, unknown][] | null {
  const byIndex = entries.every(([key]) => /^\d+$/.test(key));
  const pairs: [string, unknown][] = byIndex ? entries : entries.map(([key, value]) => [String(value), key]);
  if (!pairs.every(([key]) => /^\d+$/.test(key))) return null;
  return pairs.sort(([a], [b]) => Number(a) - Number(b));
}

/** One spelling of a class: 2, 2.0, "2" and "2.0" are one, and so are true, "True" and 1. */
export function toKey(value: Scalar): string {
  if (value === true || /^true$/i.test(String(value))) return '1';
  if (value === false || /^false$/i.test(String(value))) return '0';
  const text = String(value).trim();
  return text !== '' && Number.isFinite(Number(text)) ? String(Number(text)) : String(value);
}

export function areSameClasses(a: readonly Scalar[], b: readonly Scalar[]): boolean {
  const keys = new Set(a.map(toKey));
  return a.length === b.length && b.every((value) => keys.has(toKey(value)));
}

/** Whether every one of `values` is among `classes`. */
export function areAmong(values: readonly Scalar[], classes: readonly Scalar[]): boolean {
  const keys = new Set(classes.map(toKey));
  return values.every((value) => keys.has(toKey(value)));
}

/** 0, 1, 2 … in this order. */
export function areIndexes(classes: readonly Scalar[]): boolean {
  return classes.every((value, i) => toKey(value) === String(i) && typeof value !== 'string');
}
