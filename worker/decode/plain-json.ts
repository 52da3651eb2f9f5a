// Plain objects of JSON (ASCII, no escapes, every value a scalar or a flat array where a vector is wanted) read from text
// straight into tensors. Whatever else stands there is left to the general way, as is all that is wrong.

import { type RawScalar, UNKNOWN_COLUMN } from '../pipeline/row.ts';
import type { FedRows, FeedPlan } from '../pipeline/tensor.ts';
import { Cursor } from './decimal.ts';
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
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const WORDS: ReadonlyMap<string, RawScalar> = new Map<string, RawScalar>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** A key as it is written with its colon, and what it names; a null column is the label, which is ignored. */
interface Key {
  readonly bytes: Uint8Array;
  readonly column: Column | null;
}

/** Objects come one after another, in lines or in an array. */
export class PlainObjects {
  /** Up to where the text was read, and how many objects and line breaks were there. */
  consumed = 0;
  rows = 0;
  lines = 0;
  readonly #table: Table;
  readonly #plan: FeedPlan;
  readonly #encoder = new TextEncoder();
  readonly #cursor = new Cursor();
  #text = '';
  /** Whether a line break ends the object. */
  #hasLines = false;
  /** The keys of the last object, in its order: the next one most likely has the same. */
  #keys: Key[] = [];
  /** For each column the object that filled it last. */
  readonly #filled: Float64Array;
  #objects = 0;

  constructor(plan: FeedPlan, table: Table) {
    this.#plan = plan;
    this.#table = table;
    this.#filled = new Float64Array(table.columns.length);
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
    if (!this.#take(OPEN)) return false;
    this.#objects += 1;
    let index = 0;
    do {
      const key = this.#readKey(index);
      if (key === null) return false;
      this.#skipSpace();
      if (!this.#readMember(key.column)) return false;
      index += 1;
    } while (this.#take(COMMA));
    return this.#take(CLOSE) && this.#fillAbsent();
  }

  /** The key that stands here with its colon, which most likely are those of the object before. */
  #readKey(index: number): Key | null {
    const cursor = this.#cursor;
    const start = this.#skipSpace();
    const expected = this.#keys[index];
    if (expected !== undefined && isAt(cursor.bytes, start, expected.bytes)) {
      cursor.at = start + expected.bytes.length;
      return expected;
    }
    const text = cursor.bytes[start] === QUOTE ? this.#readString() : null;
    const position = text === null ? UNKNOWN_COLUMN : this.#plan.columns.find(text);
    if (text === null || position === UNKNOWN_COLUMN || !this.#take(COLON)) return null;
    const key = { bytes: this.#encoder.encode(`"${text}":`), column: this.#table.columns[position] ?? null };
    this.#keys[index] = key;
    return key;
  }

  #readMember(column: Column | null): boolean {
    const cursor = this.#cursor;
    if (column === null) return this.#readScalar() !== undefined;
    // The last of two equal keys would win.
    if (this.#filled[column.position] === this.#objects) return false;
    this.#filled[column.position] = this.#objects;
    if (!column.isVector) return this.#readValue(column, 0);
    if (cursor.bytes[cursor.at] !== OPEN_LIST) return false;
    cursor.at += 1;
    let place = column.isFloat ? this.#table.readDecimals(cursor, COMMA, column, column.offsets, 0, true) : 0;
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
      const isRead = this.#table.readDecimals(cursor, COMMA, column, column.offsets, 0, true) === 1;
      if (isRead && this.#isEnd()) return true;
      cursor.at = start;
    }
    const raw = this.#readScalar();
    return raw !== undefined && this.#table.store(column, place, raw);
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

function isAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i += 1) if (bytes[at + i] !== wanted[i]) return false;
  return true;
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
