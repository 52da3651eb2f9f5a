// Decimals read from bytes, exactly as Number() reads them from text, for the most common form: digits with a sign and a
// point. 15 digits are an exact integer, and a power of ten up to 22 is exact as well, so that their quotient is the
// nearest float64 (Clinger, "How to read floating point numbers accurately", 1990).

const MOST_DIGITS = 15;
const POWERS = Float64Array.from({ length: MOST_DIGITS + 1 }, (_, i) => Number(`1e${i}`));
const [PLUS, MINUS, POINT, ZERO] = [0x2b, 0x2d, 0x2e, 0x30];

/** Bytes, and how far they have been read. */
export interface Cursor {
  bytes: Uint8Array;
  at: number;
}

/** @returns the number that begins here, with the cursor behind it; NaN where none does, or it has too many digits. */
export function readDecimal(cursor: Cursor): number {
  const { bytes } = cursor;
  let { at } = cursor;
  let byte = bytes[at] as number;
  const isNegative = byte === MINUS;
  if (isNegative || byte === PLUS) byte = bytes[++at] as number;
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
  cursor.at = at;
  const digits = point < 0 ? at - start : at - start - 1;
  if (digits === 0 || digits > MOST_DIGITS) return Number.NaN;
  const value = point < 0 ? mantissa : mantissa / (POWERS[at - point - 1] as number);
  return isNegative ? -value : value;
}
