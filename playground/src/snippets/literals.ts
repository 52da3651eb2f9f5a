// Values as literals of each language. Pure. Whatever a text holds, it stays a text: quotes, backslashes, dollars, newlines.
import type { SnippetRequest, SnippetRow, SnippetValue } from './request.ts';

/** How a language writes texts, truths, nothing, lists and maps. */
export interface Literals {
  readonly text: (value: string) => string;
  readonly yes: string;
  readonly no: string;
  readonly nothing: string;
  readonly list: (items: readonly string[]) => string;
}

export function toLiteral(value: SnippetValue, { text, yes, no, nothing, list }: Literals): string {
  if (value === null) return nothing;
  if (typeof value === 'boolean') return value ? yes : no;
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? text(value) : list(value.map(String));
}

/** Values that are there: a snippet does not send what is left out. */
export function listColumns({ row }: { row: SnippetRow }): [name: string, value: Exclude<SnippetValue, null>][] {
  return Object.entries(row).flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
}

/** A column as text, as forms and query strings have it. */
export function toField(value: Exclude<SnippetValue, null>): string {
  return Array.isArray(value) ? JSON.stringify(value) : String(value);
}

/** Double quotes, escapes as in JSON; right in JavaScript, Python, Go and Java. */
export const quoteJson = (value: string): string =>
  // Java and JavaScript read these two as ends of a line inside a text.
  JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');

/** Single quotes, in which PHP and Ruby know two escapes alone. */
export const quoteSingle = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** For a shell: nothing is special between single quotes but their end. */
export const quoteShell = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

/** One entry a line, indented. */
export function toLines(
  request: SnippetRequest,
  write: (name: string, value: Exclude<SnippetValue, null>) => string,
  indent = '  ',
): string {
  return listColumns(request)
    .map(([name, value]) => `${indent}${write(name, value)},\n`)
    .join('');
}
