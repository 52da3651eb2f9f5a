// Training data: CSV bytes → a table of text cells, whatever spreadsheet wrote it. Problems are refused with the line
// they are on.
import Papa from 'papaparse';
import { LIMITS } from '../limits.ts';
import { echo, ImportRefusal } from './refusal.ts';

export interface Table {
  readonly columns: readonly string[];
  /** Evenly chosen rows, at most LIMITS.TRAINING_CSV_ROWS. */
  readonly rows: readonly (readonly string[])[];
  /** The line each of `rows` ends on. */
  readonly lines: readonly number[];
  /** Data rows in the file. */
  readonly count: number;
  readonly delimiter: string;
  readonly decimalComma: boolean;
  readonly notes: readonly string[];
}

const DELIMITERS = [',', ';', '\t', '|'];
/** Rows that are parsed to find the delimiter. */
const SNIFFED_ROWS = 30;
const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;
const COMMA_NUMBER = /^\s*[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+\s*$/;

export function parseCsv(bytes: Uint8Array): Table {
  if (bytes.length > LIMITS.TRAINING_CSV_BYTES) {
    throw new ImportRefusal(
      'too_large',
      `the CSV has ${bytes.length} bytes, the limit is ${LIMITS.TRAINING_CSV_BYTES}. A few thousand rows are enough.`,
    );
  }
  const notes: string[] = [];
  const text = decodeText(bytes, notes);
  if (text.trim() === '') throw new ImportRefusal('csv_invalid', 'the CSV is empty.');
  const nul = text.indexOf('\0');
  if (nul >= 0) {
    throw new ImportRefusal(
      'csv_invalid',
      `line ${countLines(text, nul)} of the CSV holds a NUL character. Save the file again as UTF-8 text.`,
    );
  }
  const delimiter = findDelimiter(text);
  const { columns, rows, lines, count } = readRows(text, delimiter);
  const decimalComma = delimiter !== ',' && hasDecimalComma(rows);
  if (delimiter !== ',') notes.push(`The CSV is separated by ${delimiter === '\t' ? 'tabs' : `"${delimiter}"`}.`);
  if (decimalComma) notes.push('The CSV writes numbers with a decimal comma; requests use a decimal point.');
  if (rows.length < count) notes.push(`${rows.length} of the ${count} rows of the CSV were looked at.`);
  return { columns, rows, lines, count, delimiter, decimalComma, notes };
}

function decodeText(bytes: Uint8Array, notes: string[]): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    notes.push('The CSV is not UTF-8; it was read as Windows-1252. Check accented letters in names and values.');
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** The delimiter under which most lines have as many cells as the header; among those the one with most cells. */
function findDelimiter(text: string): string {
  let best = ',';
  let bestScore = 0;
  for (const delimiter of DELIMITERS) {
    const { data } = Papa.parse<string[]>(text, { delimiter, preview: SNIFFED_ROWS, skipEmptyLines: true });
    const width = data[0]?.length ?? 1;
    if (width < 2) continue;
    const same = data.filter((row) => row.length === width).length / data.length;
    const score = same * same * (1 + Math.log2(width) / 16);
    if (score > bestScore) {
      bestScore = score;
      best = delimiter;
    }
  }
  return best;
}

function readRows(text: string, delimiter: string): Pick<Table, 'columns' | 'rows' | 'lines' | 'count'> {
  let columns: string[] | null = null;
  let rows: string[][] = [];
  let lines: number[] = [];
  let count = 0;
  let stride = 1;
  let line = 1;
  let cursor = 0;
  Papa.parse<string[]>(text, {
    delimiter,
    skipEmptyLines: true,
    step: ({ data, meta }) => {
      // The cursor stands behind the line break, so the row began on the line counted so far.
      const at = line;
      for (let i = text.indexOf('\n', cursor); i >= 0 && i < meta.cursor; i = text.indexOf('\n', i + 1)) line += 1;
      cursor = meta.cursor;
      if (columns === null) {
        columns = checkHeader(data);
        return;
      }
      const row = checkRow(data, columns.length, at);
      if (count % stride === 0) {
        rows.push(row);
        lines.push(at);
        if (rows.length > LIMITS.TRAINING_CSV_ROWS) {
          rows = rows.filter((_, i) => i % 2 === 0);
          lines = lines.filter((_, i) => i % 2 === 0);
          stride *= 2;
        }
      }
      count += 1;
    },
  });
  return { columns: columns ?? [], rows, lines, count };
}

function checkHeader(cells: readonly string[]): string[] {
  const columns = [...cells];
  if (columns[0]?.startsWith('\ufeff')) columns[0] = columns[0].slice(1);
  if (columns.length > LIMITS.TRAINING_CSV_COLUMNS) {
    throw new ImportRefusal(
      'too_large',
      `the CSV has ${columns.length} columns, the limit is ${LIMITS.TRAINING_CSV_COLUMNS}. Leave out columns the model does not use.`,
    );
  }
  const numeric = columns.filter((name) => NUMBER.test(name));
  if (numeric.length * 2 > columns.length && !areCounted(numeric)) {
    throw new ImportRefusal(
      'csv_invalid',
      `the first line of the CSV looks like data, not like column names (${numeric.slice(0, 3).map(echo).join(', ')}…). Put a line with the column names on top.`,
    );
  }
  const seen = new Set<string>();
  for (const name of columns) {
    if (name !== '' && seen.has(name)) {
      throw new ImportRefusal(
        'csv_invalid',
        `two columns of the CSV are called ${echo(name)}. Give each column its own name.`,
      );
    }
    if (name.length > LIMITS.NAME_CHARACTERS) {
      throw new ImportRefusal(
        'csv_invalid',
        `the column name ${echo(name)} has ${name.length} characters, the limit is ${LIMITS.NAME_CHARACTERS}.`,
      );
    }
    seen.add(name);
  }
  return columns;
}

/** Names that pandas gives to columns without names: 0, 1, 2… */
function areCounted(names: readonly string[]): boolean {
  const first = Number(names[0]);
  return (first === 0 || first === 1) && names.every((name, i) => name === String(first + i));
}

function checkRow(cells: string[], width: number, line: number): string[] {
  while (cells.length > width && cells.at(-1)?.trim() === '') cells.pop();
  if (cells.length === width) return cells;
  throw new ImportRefusal(
    'csv_invalid',
    `line ${line} of the CSV has ${cells.length} cells, the header has ${width}. A text with the separator inside must stand in double quotes.`,
  );
}

function countLines(text: string, end: number): number {
  let lines = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < end; i = text.indexOf('\n', i + 1)) lines += 1;
  return lines;
}

function hasDecimalComma(rows: readonly (readonly string[])[]): boolean {
  const sample = rows.slice(0, 200);
  return (rows[0] ?? []).some((_, column) => {
    const cells = sample.map((row) => row[column] ?? '').filter((cell) => cell.trim() !== '');
    return (
      cells.some((cell) => COMMA_NUMBER.test(cell)) &&
      cells.every((cell) => COMMA_NUMBER.test(cell) || /^\s*[+-]?\d+\s*$/.test(cell))
    );
  });
}

/** @returns the number in a cell of the table, or null where it holds none. */
export function findNumber(cell: string, decimalComma: boolean): number | null {
  if (NUMBER.test(cell)) return Number(cell);
  if (decimalComma && COMMA_NUMBER.test(cell)) return Number(cell.trim().replaceAll('.', '').replace(',', '.'));
  return null;
}
