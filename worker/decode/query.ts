// A query string or a urlencoded form as one row: `+` is a space, percent-encoding is strict UTF-8, a repeated key
// makes an array. This is the hot path: text without escapes is only sliced.
import { AppError } from '../errors.ts';
import type { IssueList } from '../pipeline/issues.ts';
import { appendValue, type Columns, IGNORED_COLUMN, type Row } from '../pipeline/row.ts';
import { addUnknown, createRow, echo } from './keys.ts';
import { findBadByte } from './read.ts';

const NONE: readonly string[] = [];

/**
 * @param search with or without its `?`.
 * @param reserved keys that are not features (`$include`) and are read elsewhere.
 * @throws AppError malformed_body where the percent-encoding is not UTF-8.
 */
export function decodeQuery(
  search: string,
  columns: Columns,
  issues: IssueList,
  reserved: readonly string[] = NONE,
): Row {
  return decodePairs(search, search.startsWith('?') ? 1 : 0, 'query string', columns, issues, reserved);
}

/** @param start where in `text` the first pair begins. */
export function decodePairs(
  text: string,
  start: number,
  what: string,
  columns: Columns,
  issues: IssueList,
  reserved: readonly string[],
): Row {
  const row = createRow(columns);
  const isPlain = !text.includes('%') && !text.includes('+');
  let equals = -1;
  for (let at = start; at < text.length; ) {
    let end = text.indexOf('&', at);
    if (end === -1) end = text.length;
    // Looked for again only when passed: a long text without `=` must not be scanned once per pair.
    if (equals < at) {
      equals = text.indexOf('=', at);
      if (equals === -1) equals = text.length;
    }
    if (end > at) {
      const split = equals < end ? equals : end;
      const rawKey = text.slice(at, split);
      const rawValue = text.slice(split + 1, end);
      const key = isPlain ? rawKey : decodeText(rawKey, at - start, what);
      const value = isPlain || split === end ? rawValue : decodeText(rawValue, split + 1 - start, what);
      if (!reserved.includes(key)) {
        const position = columns.find(key);
        if (position >= 0) appendValue(row, position, value);
        else if (position !== IGNORED_COLUMN) addUnknown(key, 1, columns, issues);
      }
    }
    at = end + 1;
  }
  return row;
}

function decodeText(raw: string, offset: number, what: string): string {
  const spaced = raw.includes('+') ? raw.replaceAll('+', ' ') : raw;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    const at = offset + findBadEscape(spaced);
    throw new AppError(
      'malformed_body',
      `The ${what} is not percent-encoded UTF-8 at character ${at + 1}: "${echo(raw)}". A literal % is written %25.`,
    );
  }
}

/** Index of the first escape that does not decode. */
function findBadEscape(text: string): number {
  for (const { 0: run, index } of text.matchAll(/(?:%[0-9a-f]{2})+|%/gi)) {
    const bytes = Uint8Array.from(run.split('%').slice(1), (hex) => Number.parseInt(hex, 16));
    if (run === '%' || !isUtf8(bytes)) return index + findBadByte(bytes) * 3;
  }
  return 0;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
