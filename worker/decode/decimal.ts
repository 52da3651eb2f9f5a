// Decimals read from bytes, exactly as Number() reads them from text, for the most common form: digits with a sign and a
// point. 15 digits are an exact integer, and a power of ten up to 22 is exact as well, so that their quotient is the
// nearest float64 (Clinger, "How to read floating point numbers accurately", 1990).

const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const MOST_DIGITS = 15;
const POWERS = Float64Array.from({ length: MOST_DIGITS + 1 }, (_, i) => Number(`1e${i}`));

/** Room for texts that follow and are a little longer. */
const SPARE_BYTES = 4096;

/** A text as bytes, and how far it has been read. */
export class Cursor {
  /** The text, a NUL, and what is left of earlier ones. */
  bytes = new Uint8Array(1024);
  at = 0;
  readonly #encoder = new TextEncoder();

  /** @returns whether the text is ASCII: else places in it are not places in the bytes. */
  load(text: string): boolean {
    if (this.bytes.length <= text.length) this.bytes = new Uint8Array(text.length + SPARE_BYTES);
    const { read, written } = this.#encoder.encodeInto(text, this.bytes);
    this.bytes[written] = 0;
    this.at = 0;
    return read === text.length && written === text.length;
  }
}

/** What stands behind each of some values, to be compared as it is: behind value i from `starts[i]` to `starts[i + 1]`. */
export interface Gaps {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
}

export function createGaps(gaps: readonly ArrayLike<number>[]): Gaps {
  const starts = new Int32Array(gaps.length + 1);
  for (const [i, { length }] of gaps.entries()) starts[i + 1] = (starts[i] as number) + length;
  const bytes = new Uint8Array(starts[gaps.length] as number);
  for (const [i, gap] of gaps.entries()) bytes.set(gap, starts[i]);
  return { bytes, starts };
}

/** One byte between two values, nothing behind the last. */
export function createDelimiters(delimiter: number, count: number): Gaps {
  return createGaps(Array.from({ length: count }, (_, i) => (i + 1 < count ? [delimiter] : [])));
}

/** @returns the place behind gap i where it stands at that place, else -1. */
export function skipGap(bytes: Uint8Array, at: number, gaps: Gaps, i: number): number {
  const { starts } = gaps;
  const end = starts[i + 1] as number;
  let after = at;
  for (let k = starts[i] as number; k < end; k += 1, after += 1) if (bytes[after] !== gaps.bytes[k]) return -1;
  return after;
}

/**
 * Reads decimals and what is to stand behind each of them into places of an array. The cursor is then behind the last of
 * them, or at the first one that is not in this form.
 * @param offsets places of the numbers, after `base`; those from `from` to `to` are wanted.
 * @param isJson whether JSON's rules hold: no plus, no spare zeros, digits around the point.
 * @returns the index of the first one that was not read.
 */
export function readDecimals(
  cursor: Cursor,
  gaps: Gaps,
  into: Float32Array | Float64Array,
  base: number,
  offsets: Int32Array,
  from: number,
  to: number,
  isJson: boolean,
): number {
  const { bytes } = cursor;
  const { starts, bytes: wanted } = gaps;
  let { at } = cursor;
  let gap = starts[from] as number;
  for (let i = from; i < to; i += 1) {
    const begin = at;
    let byte = bytes[at] as number;
    const isNegative = byte === MINUS;
    if (isNegative || (byte === PLUS && !isJson)) byte = bytes[++at] as number;
    const start = at;
    let mantissa = 0;
    let point = -1;
    for (;;) {
      const digit = byte - ZERO;
      if (digit >= 0 && digit <= 9) mantissa = mantissa * 10 + digit;
      else if (byte === POINT && point < 0) point = at;
      else break;
      byte = bytes[++at] as number;
    }
    const whole = (point < 0 ? at : point) - start;
    const part = point < 0 ? 0 : at - point - 1;
    const isOdd = isJson && (whole === 0 || (point >= 0 && part === 0) || (whole > 1 && bytes[start] === ZERO));
    const value = part === 0 ? mantissa : mantissa / (POWERS[part] as number);
    // As skipGap does it, whose call would cost as much as the number.
    const end = starts[i + 1] as number;
    for (; gap < end && bytes[at] === wanted[gap]; gap += 1) at += 1;
    if (gap < end || isOdd || whole + part === 0 || whole + part > MOST_DIGITS) {
      cursor.at = begin;
      return i;
    }
    into[base + (offsets[i] as number)] = isNegative ? -value : value;
  }
  cursor.at = at;
  return to;
}
