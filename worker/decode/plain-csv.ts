// Plain records of a CSV (no quotes, ASCII, as many cells as the header) read from text straight into tensors. It stops
// before the first record that is not, or that does not fit: the general way reads that one and what follows of the text.
import type { FedRows, FeedPlan } from '../pipeline/tensor.ts';
import { type CsvHeader, toDecimalPoint } from './csv-header.ts';
import { type Cursor, readDecimal } from './decimal.ts';
import { type Column, createTable, type Table } from './table.ts';

const [LF, CR, QUOTE, MOST_ASCII] = [0x0a, 0x0d, 0x22, 0x7f];

/** Where a cell of a record goes; null: it is the label, which is ignored. */
type Target = { readonly column: Column; readonly place: number; readonly hasCommas: boolean } | null;

export interface PlainReader {
  /** How many characters of the text were read, and how many rows and line breaks that were. */
  readonly consumed: number;
  readonly rows: number;
  readonly lines: number;
  /** @param isLast whether the text ends where the body ends; else only whole lines of it are read. */
  begin(text: string, isLast: boolean): void;
  /** Reads on. @returns a chunk when one is full, null when there is nothing more that is plain. */
  read(): FedRows | null;
  /** The rows that do not fill a chunk. */
  take(): FedRows | null;
}

/** @returns null where records of this header cannot be plain. */
export function createPlainCsv(plan: FeedPlan, header: CsvHeader, chunkRows: number): PlainReader | null {
  const table = createTable(plan, chunkRows);
  const targets = table === null ? null : toTargets(table, header);
  if (table === null || targets === null) return null;
  return new PlainCsv(table, targets, header);
}

/** @returns null where a column is there too often or not often enough. */
function toTargets({ columns }: Table, header: CsvHeader): Target[] | null {
  const counts = columns.map(() => 0);
  const targets = header.targets.map((position, index): Target => {
    const column = columns[position];
    if (column === undefined) return null;
    const place = counts[position] ?? 0;
    counts[position] = place + 1;
    return { column, place, hasCommas: header.decimals.includes(index) };
  });
  const fits = columns.every(({ position, places, fallback }) => {
    const count = counts[position];
    return count === places || (count === 0 && fallback !== undefined);
  });
  return fits ? targets : null;
}

class PlainCsv implements PlainReader {
  consumed = 0;
  rows = 0;
  lines = 0;
  readonly #table: Table;
  readonly #targets: readonly Target[];
  readonly #absent: readonly Column[];
  readonly #delimiter: number;
  readonly #encoder = new TextEncoder();
  readonly #cursor: Cursor = { bytes: new Uint8Array(0), at: 0 };
  #text = '';
  #end = 0;

  constructor(table: Table, targets: readonly Target[], { delimiter }: CsvHeader) {
    this.#table = table;
    this.#targets = targets;
    this.#absent = table.columns.filter((column) => !targets.some((target) => target?.column === column));
    this.#delimiter = delimiter.charCodeAt(0);
  }

  begin(text: string, isLast: boolean): void {
    this.#text = text;
    this.#cursor.bytes = this.#encoder.encode(text);
    this.consumed = 0;
    this.rows = 0;
    this.lines = 0;
    const end = isLast ? text.length : text.lastIndexOf('\n') + 1;
    // Where a character is not ASCII, places in the bytes are not places in the text.
    this.#end = this.#cursor.bytes.length === text.length ? end : 0;
  }

  read(): FedRows | null {
    const cursor = this.#cursor;
    while (this.consumed < this.#end) {
      cursor.at = this.consumed;
      const isBlank = this.#skipBlank();
      if (!isBlank && !this.#readRecord()) return null;
      this.consumed = cursor.at;
      this.lines += 1;
      if (isBlank) continue;
      this.rows += 1;
      const chunk = this.#table.endRow();
      if (chunk !== null) return chunk;
    }
    return null;
  }

  take(): FedRows | null {
    return this.#table.take();
  }

  #skipBlank(): boolean {
    const cursor = this.#cursor;
    const { bytes, at } = cursor;
    const length = bytes[at] === LF ? 1 : bytes[at] === CR && bytes[at + 1] === LF ? 2 : 0;
    cursor.at = at + length;
    return length > 0;
  }

  #readRecord(): boolean {
    const cursor = this.#cursor;
    const table = this.#table;
    const targets = this.#targets;
    const last = targets.length - 1;
    for (let i = 0; i <= last; i += 1) {
      const target = targets[i] as Target;
      const start = cursor.at;
      if (target?.column.isFloat === true) {
        const value = readDecimal(cursor);
        if (!Number.isNaN(value) && this.#endCell(i === last)) {
          table.storeNumber(target.column, target.place, value);
          continue;
        }
      }
      const text = this.#readText(start);
      if (text === null || !this.#endCell(i === last)) return false;
      if (target === null) continue;
      if (!table.store(target.column, target.place, target.hasCommas ? toDecimalPoint(text) : text)) return false;
    }
    for (const column of this.#absent) table.storeNothing(column);
    return true;
  }

  /** Goes past the delimiter, or past the end of the line after the last cell. @returns whether that is there. */
  #endCell(isLast: boolean): boolean {
    const cursor = this.#cursor;
    const { bytes } = cursor;
    const byte = bytes[cursor.at];
    if (!isLast) {
      if (byte !== this.#delimiter) return false;
      cursor.at += 1;
      return true;
    }
    if (byte === LF) cursor.at += 1;
    else if (byte === CR && bytes[cursor.at + 1] === LF) cursor.at += 2;
    else return byte === undefined;
    return true;
  }

  /** The text of the cell that begins there, or null where it is quoted. */
  #readText(start: number): string | null {
    const cursor = this.#cursor;
    const { bytes } = cursor;
    let at = start;
    for (let byte = bytes[at]; byte !== undefined && byte !== this.#delimiter && byte !== LF; byte = bytes[++at]) {
      if (byte === QUOTE || byte > MOST_ASCII) return null;
      if (byte !== CR) continue;
      if (bytes[at + 1] === LF) break;
      return null;
    }
    cursor.at = at;
    return this.#text.slice(start, at);
  }
}
