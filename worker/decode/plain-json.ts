// Plain objects of JSON (ASCII, no escapes, every value a scalar or a flat array where a vector is wanted) read from text
// straight into tensors. Whatever else stands there is left to the general way, as is all that is wrong.

import { IGNORED_COLUMN, type RawScalar } from '../pipeline/row.ts';
import type { FedRows, FeedPlan } from '../pipeline/tensor.ts';
import { type Cursor, readDecimal } from './decimal.ts';
import { type Column, createTable, type Table } from './table.ts';

const [TAB, LF, CR, SPACE, QUOTE, COMMA, MINUS, POINT, ZERO, COLON] = [
  0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x2d, 0x2e, 0x30, 0x3a,
];
const [OPEN_LIST, BACKSLASH, CLOSE_LIST, OPEN, CLOSE, MOST_ASCII] = [0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x7f];
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const WORDS: ReadonlyMap<string, RawScalar> = new Map<string, RawScalar>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** A key as it is written, and what it names; a null column is the label, which is ignored. */
interface Key {
  readonly text: string;
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
  readonly #cursor: Cursor = { bytes: new Uint8Array(0), at: 0 };
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
    this.#cursor.bytes = this.#encoder.encode(text);
    this.#cursor.at = 0;
    this.consumed = 0;
    this.rows = 0;
    this.lines = 0;
    return this.#cursor.bytes.length === text.length;
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
    const { bytes } = this.#cursor;
    const chunks: FedRows[] = [];
    if (!this.#take(OPEN_LIST)) return null;
    do {
      if (!this.#readObject() || this.#objects > mostRows) return null;
      const chunk = this.#table.endRow();
      if (chunk !== null) chunks.push(chunk);
    } while (this.#take(COMMA));
    if (!this.#take(CLOSE_LIST) || this.#skipSpace() !== bytes.length) return null;
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
      if (key === null || !this.#take(COLON)) return false;
      this.#skipSpace();
      if (!this.#readMember(key.column)) return false;
      index += 1;
    } while (this.#take(COMMA));
    return this.#take(CLOSE) && this.#fillAbsent();
  }

  /** The key that stands here, which most likely is the one that stood there in the object before. */
  #readKey(index: number): Key | null {
    const cursor = this.#cursor;
    const { bytes } = cursor;
    const start = this.#skipSpace();
    if (bytes[start] !== QUOTE) return null;
    const expected = this.#keys[index];
    if (expected !== undefined && isAt(bytes, start + 1, expected.bytes)) {
      cursor.at = start + 1 + expected.bytes.length;
      return expected;
    }
    const text = this.#readString();
    const position = text === null ? -1 : this.#plan.columns.find(text);
    const column = this.#table.columns[position] ?? null;
    if (text === null || (column === null && position !== IGNORED_COLUMN)) return null;
    const key = { text, bytes: this.#encoder.encode(`${text}"`), column };
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
    for (let place = 0; place < column.places; place += 1) {
      if (place > 0 && !this.#take(COMMA)) return false;
      this.#skipSpace();
      if (!this.#readValue(column, place)) return false;
    }
    return this.#take(CLOSE_LIST);
  }

  #readValue(column: Column, place: number): boolean {
    const cursor = this.#cursor;
    const start = cursor.at;
    if (column.isFloat) {
      const value = readDecimal(cursor);
      if (!Number.isNaN(value) && this.#isStrict(start) && this.#isEnd()) {
        this.#table.storeNumber(column, place, value);
        return true;
      }
      cursor.at = start;
    }
    const raw = this.#readScalar();
    return raw !== undefined && this.#table.store(column, place, raw);
  }

  /** Whether what was read from there is a number of JSON: no plus, no spare zeros, digits around the point. */
  #isStrict(start: number): boolean {
    const { bytes, at } = this.#cursor;
    const first = bytes[start] === MINUS ? start + 1 : start;
    const digit = (bytes[first] as number) - ZERO;
    if (digit < 0 || digit > 9 || bytes[at - 1] === POINT) return false;
    return digit > 0 || first + 1 === at || bytes[first + 1] === POINT;
  }

  /** Whether a value may end here. */
  #isEnd(): boolean {
    const byte = this.#cursor.bytes[this.#cursor.at];
    return byte === COMMA || byte === CLOSE || byte === CLOSE_LIST || byte === SPACE || byte === LF || byte === CR;
  }

  /** @returns undefined for what is no scalar, or not plain. */
  #readScalar(): RawScalar | undefined {
    const cursor = this.#cursor;
    const { bytes, at: start } = cursor;
    if (bytes[start] === QUOTE) return this.#readString() ?? undefined;
    let at = start;
    for (let byte = bytes[at]; byte !== undefined && isWord(byte); byte = bytes[++at]);
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
    for (let byte = bytes[at]; byte !== QUOTE; byte = bytes[++at]) {
      if (byte === undefined || byte === BACKSLASH || byte < SPACE || byte > MOST_ASCII) return null;
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
    if (cursor.bytes[this.#skipSpace()] !== byte) return false;
    cursor.at += 1;
    return true;
  }

  #skipSpace(): number {
    const cursor = this.#cursor;
    const { bytes } = cursor;
    let { at } = cursor;
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
    return byte === LF || byte === undefined;
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
