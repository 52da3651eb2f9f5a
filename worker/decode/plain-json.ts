// Plain objects of JSON (ASCII, no escapes, every value a scalar or a flat array where a vector is wanted) read from text
// straight into tensors. Whatever else stands there is left to the general way, as is all that is wrong.

import { type RawScalar, UNKNOWN_COLUMN } from '../pipeline/row.ts';
import type { FedRows, FeedPlan } from '../pipeline/tensor.ts';
import { Cursor, createDelimiters, type Gaps, skipGap } from './decimal.ts';
import { createShape, type Shape } from './shape.ts';
import { type Column, createTable, type Table } from './table.ts';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const EMPTY = new Uint8Array(0);
const NO_GAPS = createDelimiters(COMMA, 1);
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const WORDS: ReadonlyMap<string, RawScalar> = new Map<string, RawScalar>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** How many objects of a body are looked at for what the next one may be like. */
const SHAPES = 8;

/** Objects come one after another, in lines or in an array. */
export class PlainObjects {
  /** Up to where the text was read, and how many objects and line breaks were there. */
  consumed = 0;
  rows = 0;
  lines = 0;
  readonly #table: Table;
  readonly #plan: FeedPlan;
  readonly #cursor = new Cursor();
  #text = '';
  /** Whether a line break ends the object. */
  #hasLines = false;
  #shape: Shape | null = null;
  #shapes = 0;
  /** For each column, what stands between the places of a vector. */
  readonly #commas: readonly Gaps[];
  /** For each column the object that filled it last. */
  readonly #filled: Float64Array;
  #objects = 0;

  constructor(plan: FeedPlan, table: Table) {
    this.#plan = plan;
    this.#table = table;
    this.#filled = new Float64Array(table.columns.length);
    this.#commas = table.columns.map(({ places }) => (places === 1 ? NO_GAPS : createDelimiters(COMMA, places)));
  }

  /** @returns whether places in the text are places in its bytes: where not, nothing of it can be read here. */
  begin(text: string): boolean {
    this.#text = text;
    this.consumed = 0;
    this.rows = 0;
    this.lines = 0;
    return this.#cursor.load(text);
  }

  /** Reads lines of one object each. @returns a chunk when one is full, null when there is nothing more that is plain. */
  readLines(): FedRows | null {
    const cursor = this.#cursor;
    this.#hasLines = true;
    while (this.consumed < this.#text.length) {
      cursor.at = this.consumed;
      const isBlank = this.#endLine();
      if (!isBlank && !(this.#readObject() && this.#endLine())) return null;
      this.consumed = cursor.at;
      this.lines += 1;
      if (isBlank) continue;
      this.rows += 1;
      const chunk = this.#table.endRow();
      if (chunk !== null) return chunk;
    }
    return null;
  }

  /** Reads the whole text as an array of objects. @returns null where it is not plain. */
  readArray(mostRows: number): FedRows[] | null {
    const chunks: FedRows[] = [];
    if (!this.#take(OPEN_LIST)) return null;
    do {
      if (!this.#readObject() || this.#objects > mostRows) return null;
      const chunk = this.#table.endRow();
      if (chunk !== null) chunks.push(chunk);
    } while (this.#take(COMMA));
    if (!this.#take(CLOSE_LIST) || this.#skipSpace() !== this.#text.length) return null;
    const rest = this.#table.take();
    return rest === null ? chunks : [...chunks, rest];
  }

  take(): FedRows | null {
    return this.#table.take();
  }

  #readObject(): boolean {
    const cursor = this.#cursor;
    this.#objects += 1;
    const start = this.#skipSpace();
    if (this.#shape !== null && this.#readAlike(this.#shape)) return true;
    cursor.at = start;
    return this.#readAny();
  }

  /** @returns whether the object that begins here has this shape, and values that fit. */
  #readAlike({ opening, columns, ends, offsets, gaps, absent }: Shape): boolean {
    const cursor = this.#cursor;
    cursor.at = skipGap(cursor.bytes, cursor.at, opening, 0);
    if (cursor.at < 0) return false;
    for (let i = 0; i < columns.length; i += 1) {
      const column = columns[i] ?? null;
      const end = ends[i] as number;
      if (column !== null && end > i) i = this.#table.readDecimals(cursor, gaps, column, offsets, i, end, true);
      if (i === columns.length) break;
      // What follows the decimals, or is none.
      if (!this.#readMember(columns[i] ?? null)) return false;
      cursor.at = skipGap(cursor.bytes, cursor.at, gaps, i);
      if (cursor.at < 0) return false;
    }
    for (const column of absent) if (!this.#table.storeNothing(column)) return false;
    return true;
  }

  #readAny(): boolean {
    const cursor = this.#cursor;
    const start = cursor.at;
    const columns: (Column | null)[] = [];
    /** Where the values begin and end. */
    const begins: number[] = [];
    const ends = [start];
    if (!this.#take(OPEN)) return false;
    do {
      const column = this.#readKey();
      if (column === undefined || this.#isFilled(column)) return false;
      begins.push(this.#skipSpace());
      if (!this.#readMember(column)) return false;
      ends.push(cursor.at);
      columns.push(column);
    } while (this.#take(COMMA));
    if (!this.#take(CLOSE) || !this.#fillAbsent()) return false;
    begins.push(cursor.at);
    if (this.#shapes < SHAPES) {
      this.#shapes += 1;
      const [opening = EMPTY, ...gaps] = begins.map((begin, i) => cursor.bytes.subarray(ends[i], begin));
      this.#shape = createShape(columns, this.#table.columns, opening, gaps);
    }
    return true;
  }

  /** The key that stands here, with its colon. @returns what it names, null for the label, undefined where it is none of them. */
  #readKey(): Column | null | undefined {
    const cursor = this.#cursor;
    const text = cursor.bytes[this.#skipSpace()] === QUOTE ? this.#readString() : null;
    const position = text === null ? UNKNOWN_COLUMN : this.#plan.columns.find(text);
    if (position === UNKNOWN_COLUMN || !this.#take(COLON)) return undefined;
    return this.#table.columns[position] ?? null;
  }

  /** Whether the object has had this key: the last of two equal ones would win. */
  #isFilled(column: Column | null): boolean {
    if (column === null) return false;
    if (this.#filled[column.position] === this.#objects) return true;
    this.#filled[column.position] = this.#objects;
    return false;
  }

  #readMember(column: Column | null): boolean {
    const cursor = this.#cursor;
    if (column === null) return this.#readScalar() !== undefined;
    if (!column.isVector) return this.#readValue(column, 0);
    if (cursor.bytes[cursor.at] !== OPEN_LIST) return false;
    cursor.at += 1;
    let place = column.isFloat ? this.#readDecimals(column) : 0;
    // After the last of them a number may go on with an exponent.
    if (place === column.places && place > 0) return this.#take(CLOSE_LIST);
    for (; place < column.places; place += 1) {
      this.#skipSpace();
      if (!this.#readValue(column, place)) return false;
      if (place + 1 < column.places && !this.#take(COMMA)) return false;
    }
    return this.#take(CLOSE_LIST);
  }

  #readValue(column: Column, place: number): boolean {
    const cursor = this.#cursor;
    if (column.isFloat && !column.isVector) {
      const start = cursor.at;
      if (this.#readDecimals(column) === 1 && this.#isEnd()) return true;
      cursor.at = start;
    }
    const raw = this.#readScalar();
    return raw !== undefined && this.#table.store(column, place, raw);
  }

  /** @returns how many places of the column were read. */
  #readDecimals(column: Column): number {
    const gaps = this.#commas[column.position] as Gaps;
    return this.#table.readDecimals(this.#cursor, gaps, column, column.offsets, 0, column.places, true);
  }

  /** Whether a value may end here. */
  #isEnd(): boolean {
    const byte = this.#cursor.bytes[this.#cursor.at];
    return byte === COMMA || byte === CLOSE || byte === SPACE || byte === LF || byte === CR || byte === TAB;
  }

  /** @returns undefined for what is no scalar, or not plain. */
  #readScalar(): RawScalar | undefined {
    const cursor = this.#cursor;
    const { bytes, at: start } = cursor;
    if (bytes[start] === QUOTE) return this.#readString() ?? undefined;
    let at = start;
    for (let byte = bytes[at] as number; isWord(byte); byte = bytes[++at] as number);
    cursor.at = at;
    const word = this.#text.slice(start, at);
    return NUMBER.test(word) ? Number(word) : WORDS.get(word);
  }

  /** The string that begins here, with the cursor behind it; null where it has escapes. */
  #readString(): string | null {
    const cursor = this.#cursor;
    const { bytes } = cursor;
    const start = cursor.at + 1;
    let at = start;
    for (let byte = bytes[at] as number; byte !== QUOTE; byte = bytes[++at] as number) {
      // The text ends in a NUL.
      if (byte === BACKSLASH || byte < SPACE) return null;
    }
    cursor.at = at + 1;
    return this.#text.slice(start, at);
  }

  #fillAbsent(): boolean {
    for (const column of this.#table.columns) {
      if (this.#filled[column.position] !== this.#objects && !this.#table.storeNothing(column)) return false;
    }
    return true;
  }

  /** Goes past that byte, and space before it. @returns whether it is there. */
  #take(byte: number): boolean {
    const cursor = this.#cursor;
    if (cursor.bytes[cursor.at] !== byte && cursor.bytes[this.#skipSpace()] !== byte) return false;
    cursor.at += 1;
    return true;
  }

  #skipSpace(): number {
    const cursor = this.#cursor;
    const { bytes } = cursor;
    let { at } = cursor;
    if ((bytes[at] as number) > SPACE) return at;
    for (let byte = bytes[at]; byte === SPACE || byte === CR || byte === TAB || byte === LF; byte = bytes[++at]) {
      if (byte === LF && this.#hasLines) break;
    }
    cursor.at = at;
    return at;
  }

  /** @returns whether nothing but space stands before the end of the line, which is then behind the cursor. */
  #endLine(): boolean {
    const cursor = this.#cursor;
    const byte = cursor.bytes[this.#skipSpace()];
    if (byte === LF) cursor.at += 1;
    return byte === LF || cursor.at === this.#text.length;
  }
}

export function createPlainObjects(plan: FeedPlan, chunkRows: number): PlainObjects | null {
  const table = createTable(plan, chunkRows);
  return table === null ? null : new PlainObjects(plan, table);
}

/** Letters, digits and what numbers are written with. */
function isWord(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === POINT ||
    byte === MINUS ||
    byte === 0x2b ||
    byte === 0x45
  );
}
