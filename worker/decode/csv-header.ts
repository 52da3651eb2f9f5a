// The first line of a CSV: which delimiter the file uses, and which feature each column fills.
import Papa from 'papaparse';
import { AppError } from '../errors.ts';
import type { IssueList } from '../pipeline/issues.ts';
import { type Columns, UNKNOWN_COLUMN } from '../pipeline/row.ts';
import { addUnknown } from './keys.ts';

export interface CsvHeader {
  readonly delimiter: string;
  /** The feature's position for each column, or IGNORED_COLUMN. */
  readonly targets: readonly number[];
  /** Columns whose commas are decimal points: numbers in a file that is not delimited by commas. */
  readonly decimals: readonly number[];
  /** Whether columns repeat: together they fill a vector. */
  readonly isRepeated: boolean;
  /** Whether a record is a row as it is. */
  readonly isDirect: boolean;
}

const DELIMITERS = [',', ';', '\t', '|'];
const NUMBER = /^\s*[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:e[+-]?\d+)?\s*$/i;

/**
 * Where the first line ends, quotes considered.
 * @returns its end and the line break, or null where the text does not hold all of it.
 */
export function findHeaderEnd(text: string, isLast: boolean): { end: number; newline: '\n' | '\r\n' | '\r' } | null {
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (character === '\n') return { end: at, newline: '\n' };
    else if (character === '\r') {
      if (at + 1 === text.length && !isLast) return null;
      return { end: at, newline: text[at + 1] === '\n' ? '\r\n' : '\r' };
    }
  }
  return isLast ? { end: text.length, newline: '\n' } : null;
}

/** @throws AppError unknown_feature for columns nobody knows, malformed_body where there is no header. */
export function parseHeader(line: string, columns: Columns, issues: IssueList): CsvHeader {
  const find = (name: string): number => {
    const position = columns.find(name);
    return position === UNKNOWN_COLUMN ? columns.find(name.trim()) : position;
  };
  const candidates = DELIMITERS.map((delimiter) => {
    const names = split(line, delimiter);
    return { delimiter, names, known: names.filter((name) => find(name) !== UNKNOWN_COLUMN).length };
  });
  // Known names decide; where none is known the most columns do. Of equals the first, which is the comma.
  candidates.sort((a, b) => b.known - a.known || b.names.length - a.names.length);
  const { delimiter = ',', names = [], known = 0 } = candidates[0] ?? {};
  if (known === 0 && names.every((name) => NUMBER.test(name))) {
    throw new AppError(
      'malformed_body',
      `The first line of a CSV is a header that names the columns: ${columns.names.slice(0, 20).join(',')}.`,
    );
  }
  const targets = names.map(find);
  for (const [index, name] of names.entries()) {
    if (targets[index] !== UNKNOWN_COLUMN) continue;
    const hint =
      name.trim() === ''
        ? ` Column ${index + 1} has no name (pandas writes its index so; use to_csv(index=False)).`
        : '';
    addUnknown(name, 1, columns, issues, hint);
  }
  issues.throwIfAny();
  const positions = targets.filter((position) => position >= 0);
  return {
    delimiter,
    targets,
    decimals: delimiter === ',' ? [] : targets.flatMap((position, index) => (columns.numeric[position] ? [index] : [])),
    isRepeated: new Set(positions).size < positions.length,
    isDirect: targets.length === columns.names.length && targets.every((position, index) => position === index),
  };
}

const DECIMAL_COMMA = /^\s*[+-]?\d*,\d+(?:[eE][+-]?\d+)?\s*$/;

/** A cell of a column whose commas are decimal points. */
export function toDecimalPoint(cell: string): string {
  return cell.includes(',') && DECIMAL_COMMA.test(cell) ? cell.replace(',', '.') : cell;
}

function split(line: string, delimiter: string): string[] {
  const { data } = new Papa.Parser({ delimiter }).parse(line, 0, false) as { data: string[][] };
  return data[0] ?? [];
}
