// Plain records of a CSV (no quotes, ASCII, as many cells as the header) read from text straight into tensors. It stops
// before the first record that is not, or that does not fit: the general way reads that one and what follows of the text.
import type { FedRows, FeedPlan } from '../pipeline/tensor.ts';
import { type CsvHeader, toDecimalPoint } from './csv-header.ts';
import { Cursor, createDelimiters, type Gaps } from './decimal.ts';
import { type Column, createTable, type Table } from './table.ts';

const NUL = 0;
const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;

/** Where a cell of a record goes; null: it is the label, which is ignored. */
type Target = { readonly column: Column; readonly place: number; readonly hasCommas: boolean } | null;

/** Cells that stand side by side: decimals for one input, or one cell of another kind. */
interface Run {
  readonly targets: readonly Target[];
  /** Of decimals; null for the cell of another kind. */
  readonly decimals: { readonly column: Column; readonly offsets: Int32Array; readonly gaps: Gaps } | null;
}

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

function toRuns(targets: readonly Target[], delimiter: number): Run[] {
  const runs: { targets: Target[]; input: number }[] = [];
  for (const target of targets) {
    const input = target?.column.isFloat ? target.column.input : -1;
    const last = runs.at(-1);
    if (input >= 0 && last?.input === input) last.targets.push(target);
    else runs.push({ targets: [target], input });
  }
  return runs.map(({ targets, input }): Run => {
    const column = targets[0]?.column;
    if (input < 0 || column === undefined) return { targets, decimals: null };
    const offsets = Int32Array.from(targets, (target) => target?.column.offsets[target.place] ?? 0);
    return { targets, decimals: { column, offsets, gaps: createDelimiters(delimiter, targets.length) } };
  });
}

class PlainCsv implements PlainReader {
  consumed = 0;
  rows = 0;
  lines = 0;
  readonly #table: Table;
  readonly #runs: readonly Run[];
  readonly #absent: readonly Column[];
  readonly #delimiter: number;
  readonly #cursor = new Cursor();
  #text = '';
  #end = 0;

  constructor(table: Table, targets: readonly Target[], { delimiter }: CsvHeader) {
    this.#table = table;
    this.#absent = table.columns.filter((column) => !targets.some((target) => target?.column === column));
    this.#delimiter = delimiter.charCodeAt(0);
    this.#runs = toRuns(targets, this.#delimiter);
  }

  begin(text: string, isLast: boolean): void {
    this.#text = text;
    this.consumed = 0;
    this.rows = 0;
    this.lines = 0;
    const end = isLast ? text.length : text.lastIndexOf('\n') + 1;
    this.#end = this.#cursor.load(text) ? end : 0;
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
    const runs = this.#runs;
    for (let i = 0; i < runs.length; i += 1) {
      if (!this.#readRun(runs[i] as Run) || !this.#endCell(i + 1 === runs.length)) return false;
    }
    for (const column of this.#absent) this.#table.storeNothing(column);
    return true;
  }

  /** Reads up to the delimiter after the run. */
  #readRun({ targets, decimals }: Run): boolean {
    const count = targets.length;
    for (let i = 0; ; i += 1) {
      if (decimals !== null) {
        const { column, offsets, gaps } = decimals;
        i = this.#table.readDecimals(this.#cursor, gaps, column, offsets, i, count, false);
        if (i === count) {
          if (this.#isAtEnd()) return true;
          // What began as a decimal goes on as something else.
          this.#goBack();
          i -= 1;
        }
      }
      if (!this.#readCell(targets[i] as Target)) return false;
      if (i + 1 === count) return true;
      if (!this.#endCell(false)) return false;
    }
  }

  #readCell(target: Target): boolean {
    const text = this.#readText();
    if (text === null) return false;
    if (target === null) return true;
    return this.#table.store(target.column, target.place, target.hasCommas ? toDecimalPoint(text) : text);
  }

  #isAtEnd(): boolean {
    const byte = this.#cursor.bytes[this.#cursor.at];
    return byte === this.#delimiter || byte === LF || byte === CR || byte === NUL;
  }

  /** To the beginning of the cell, which is one of digits. */
  #goBack(): void {
    const cursor = this.#cursor;
    let { at } = cursor;
    while (at > this.consumed && cursor.bytes[at - 1] !== this.#delimiter) at -= 1;
    cursor.at = at;
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
    else return cursor.at === this.#text.length;
    return true;
  }

  /** The text of the cell that begins here, or null where it is quoted. */
  #readText(): string | null {
    const cursor = this.#cursor;
    const { bytes, at: start } = cursor;
    const end = this.#text.length;
    let at = start;
    for (let byte = bytes[at]; at < end && byte !== this.#delimiter && byte !== LF; byte = bytes[++at]) {
      if (byte === QUOTE) return null;
      if (byte !== CR) continue;
      if (bytes[at + 1] === LF) break;
      return null;
    }
    cursor.at = at;
    return this.#text.slice(start, at);
  }
}
