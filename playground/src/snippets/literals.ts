// Texts and numbers as source code. Pure. Whatever a text holds, it stays that text: quotes, backslashes, dollars, newlines.
import type { SnippetRow, SnippetValue } from './request.ts';

/** What an editor does not show as it is, or what changes how its neighbours are shown. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

/** The escapes that every language here shares; a quote comes on top. */
const COMMON: readonly (readonly [string, string])[] = [
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
];

/** How one language writes a value. */
export interface Literals {
  readonly text: (value: string) => string;
  readonly yes: string;
  readonly no: string;
  readonly nothing: string;
  readonly list: (items: readonly string[]) => string;
  /** Whether the language sends this number without a loss; where it does not, it is sent as text. */
  readonly isExact?: (value: number) => boolean;
}

export function toLiteral(value: SnippetValue, literals: Literals): string {
  if (value === null) return literals.nothing;
  if (typeof value === 'boolean') return value ? literals.yes : literals.no;
  if (typeof value === 'number') return toNumber(value, literals);
  return typeof value === 'string'
    ? literals.text(value)
    : literals.list(value.map((item) => toNumber(item, literals)));
}

/** An integer that is not exact has an exponent: written out, some languages would take it for one that does not fit. */
function toNumber(value: number, { nothing, text, isExact }: Literals): string {
  if (!Number.isFinite(value)) return nothing;
  if (isExact?.(value) === false) return text(String(value));
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value);
}

function escapeText(text: string, special: string, toEscape: (character: string) => string): string {
  const known = new Map([...COMMON, ...Array.from(special, (each): [string, string] => [each, `\\${each}`])]);
  return Array.from(text, (each) => known.get(each) ?? (UNSEEN.test(each) ? toEscape(each) : each)).join('');
}

/** \uXXXX for each unit of UTF-16, as in JSON and JavaScript. */
export const toUnits = (character: string): string =>
  Array.from({ length: character.length }, (_, i) => `\\u${toHex(character.charCodeAt(i), 4)}`).join('');

/** \uXXXX, or \UXXXXXXXX where that is too short: Python, Go, R. */
function toCodePoint(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\U${toHex(code, 8)}` : `\\u${toHex(code, 4)}`;
}

/** \u{X}: PHP, Ruby. */
const toBraced = (character: string): string => `\\u{${toHex(character.codePointAt(0) ?? 0, 1)}}`;

const toHex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

export const quotePython = (text: string): string => `"${escapeText(text, '"', toCodePoint)}"`;
export const quoteGo = quotePython;
export const quoteR = quotePython;
export const quoteJavaScript = (text: string): string => `'${escapeText(text, "'", toUnits)}'`;
export const quoteJson = (text: string): string => `"${escapeText(text, '"', toUnits)}"`;
export const quotePhp = (text: string): string => quoteSingle(text, '"$');
export const quoteRuby = (text: string): string => quoteSingle(text, '"#');

/** Single quotes, which end at nothing else and know no other escape; double ones where an escape is needed. */
function quoteSingle(text: string, special: string): string {
  if (UNSEEN.test(text)) return `"${escapeText(text, special, toBraced)}"`;
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** For a shell, nothing between single quotes is special but their end. */
export const quoteShell = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** One column a line, between `indent` and a comma. */
export function toLines(row: SnippetRow, indent: string, write: (name: string, value: SnippetValue) => string): string {
  return Object.entries(row)
    .map(([name, value]) => `${indent}${write(name, value)},\n`)
    .join('');
}

/** The row as JSON, a column a line. */
export function toJson(row: SnippetRow): string {
  const json: Literals = {
    text: quoteJson,
    yes: 'true',
    no: 'false',
    nothing: 'null',
    list: (items) => `[${items.join(', ')}]`,
  };
  return `{\n${toLines(row, '  ', (name, value) => `${quoteJson(name)}: ${toLiteral(value, json)}`).slice(0, -2)}\n}`;
}

/** The columns that have a value, as texts; a vector repeats its name. */
export function listPairs(row: SnippetRow): [name: string, value: string][] {
  return Object.entries(row).flatMap(([name, value]) =>
    value === null ? [] : [value].flat().map((each): [string, string] => [name, String(each)]),
  );
}

/** As a query string: letters, digits and `*-._+%&=` alone, which no quotes of any language mind. '' where it is empty. */
export function toQuery(row: SnippetRow): string {
  const query = new URLSearchParams(listPairs(row)).toString();
  return query === '' ? '' : `?${query}`;
}
