// What the training data says about each column: its type, values, range, missing cells and an example.
import { LIMITS } from '../limits.ts';
import type { Scalar } from '../pipeline/manifest.ts';
import { findNumber, type Table } from './csv.ts';
import { echo, echoList, ImportRefusal } from './refusal.ts';

export interface Column {
  readonly name: string;
  readonly index: number;
  /** empty: no cell holds anything. */
  readonly kind: 'number' | 'boolean' | 'string' | 'empty';
  /** All numbers are whole. */
  readonly integer: boolean;
  readonly missing: number;
  /** Distinct cells as written (trimmed where they are numbers), with how often they come; at most MAX_DISTINCT. */
  readonly distinct: ReadonlyMap<string, number>;
  /** No value comes twice. */
  readonly unique: boolean;
  readonly min: number;
  readonly max: number;
  /** Where a column of text is mostly numbers: the first cell that is none. */
  readonly misfit: { readonly line: number; readonly cell: string } | null;
}

const MAX_DISTINCT = LIMITS.CLASSES + 1;
/** What pandas reads as NaN, and the UCI archive's question mark. */
const MISSING = new Set([
  '',
  '#N/A',
  '#N/A N/A',
  '#NA',
  '-1.#IND',
  '-1.#QNAN',
  '-NaN',
  '-nan',
  '1.#IND',
  '1.#QNAN',
  '<NA>',
  'N/A',
  'NA',
  'NULL',
  'NaN',
  'None',
  'n/a',
  'nan',
  'null',
  '?',
]);
const BOOLEAN = /^(true|false)$/i;

export function isMissing(cell: string): boolean {
  return MISSING.has(cell.trim());
}

export function getColumns(table: Table): Column[] {
  return table.columns.map((name, index) => readColumn(table, name, index));
}

function readColumn(table: Table, name: string, index: number): Column {
  let missing = 0;
  let numbers = 0;
  let booleans = 0;
  let whole = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let misfit: Column['misfit'] = null;
  const all = new Set<string>();
  const distinct = new Map<string, number>();
  for (const [r, row] of table.rows.entries()) {
    const raw = row[index] ?? '';
    if (isMissing(raw)) {
      missing += 1;
      continue;
    }
    const number = findNumber(raw, table.decimalComma);
    if (number !== null) {
      numbers += 1;
      if (Number.isInteger(number)) whole += 1;
      min = Math.min(min, number);
      max = Math.max(max, number);
    } else if (BOOLEAN.test(raw.trim())) booleans += 1;
    else misfit ??= { line: table.lines[r] ?? 0, cell: raw };
    const cell = number === null ? raw : raw.trim();
    all.add(cell);
    if (distinct.has(cell) || distinct.size < MAX_DISTINCT) distinct.set(cell, (distinct.get(cell) ?? 0) + 1);
  }
  const present = table.rows.length - missing;
  const kind = present === 0 ? 'empty' : numbers === present ? 'number' : booleans === present ? 'boolean' : 'string';
  return {
    name,
    index,
    kind,
    integer: numbers > 0 && whole === numbers,
    // Only an empty cell is missing in a text column: "None" may well be one of its words.
    missing: kind === 'string' ? table.rows.filter((row) => (row[index] ?? '').trim() === '').length : missing,
    distinct,
    unique: all.size === present && present > 1,
    min,
    max,
    misfit: kind === 'string' && (numbers > 0 || startsWithNumber(misfit?.cell)) ? misfit : null,
  };
}

function startsWithNumber(cell: string | undefined): boolean {
  return cell !== undefined && /^\s*[+-]?\d/.test(cell);
}

/** The columns called `names`. @throws ImportRefusal where the table has no such column. */
export function getLabelColumns(columns: readonly Column[], names: readonly string[]): Column[] {
  return names.map((name) => {
    const found = columns.find((column) => column.name === name);
    if (found !== undefined) return found;
    const close = columns.find((column) => column.name.trim().toLowerCase() === name.trim().toLowerCase());
    throw new ImportRefusal(
      'columns_mismatch',
      `the CSV has no label column ${echo(name)}; its columns are ${echoList(columns.map((column) => column.name))}.${close === undefined ? ' Give the name of the label column, or the CSV this model was trained on.' : ` Is it ${echo(close.name)}?`}`,
    );
  });
}

/** A cell as the value that an answer would give: a number, a boolean or the text. */
export function toScalar(cell: string, column: Pick<Column, 'kind'>, decimalComma: boolean): Scalar {
  if (column.kind === 'number') return findNumber(cell, decimalComma) ?? cell;
  if (column.kind === 'boolean') return cell.trim().toLowerCase() === 'true';
  return cell;
}

/** The distinct values of a label column in the order numpy.unique gives them, which is the order encoders count in. */
export function getSortedValues(column: Column, decimalComma: boolean): Scalar[] {
  const values = new Map<string, Scalar>();
  for (const cell of column.distinct.keys()) {
    const value = toScalar(cell, column, decimalComma);
    values.set(String(value), value);
  }
  return [...values.values()].sort(compareScalars);
}

export function compareScalars(a: Scalar, b: Scalar): number {
  if (typeof a === 'string' && typeof b === 'string') return comparePoints(a, b);
  return Number(a) - Number(b);
}

/** By code points, as Python sorts; JavaScript compares UTF-16 units, which differs beyond the BMP. */
function comparePoints(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
