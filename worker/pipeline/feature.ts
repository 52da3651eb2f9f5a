// One feature: what a caller may send for it, and the value that goes into the tensor. Strict, because a value that
// is read differently from what was meant predicts something wrong without anyone noticing.
import { LIMITS } from '../limits.ts';
import type { Dtype, Feature, Scalar } from './manifest.ts';
import type { RawScalar } from './row.ts';

/** What a tensor holds: numbers (bool as 1 and 0), bigints for 64-bit integers, text for strings. */
export type TensorValue = number | bigint | string;

/** Why a value does not fit, in words for the caller. */
export class Misfit {
  readonly message: string;
  readonly suggestion: string | undefined;

  constructor(message: string, suggestion?: string) {
    this.message = message;
    this.suggestion = suggestion;
  }
}

export type ValueParser = (raw: RawScalar) => TensorValue | Misfit;

/** RFC 8259's number, with the leading plus, the leading zeros and the bare point that CSV files hold. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INTEGER = /^[+-]?\d+$/;
/** Integers of this many digits are exact as a number. */
const SAFE_DIGITS = 15;

const FLOAT_MAX: Partial<Record<Dtype, number>> = { float16: 65504, float32: 3.4028234663852886e38 };
const INTEGER_RANGE: Partial<Record<Dtype, readonly [bigint, bigint]>> = {
  int8: [-128n, 127n],
  uint8: [0n, 255n],
  int16: [-32768n, 32767n],
  uint16: [0n, 65535n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

export const isBigDtype = (dtype: Dtype): boolean => dtype === 'int64' || dtype === 'uint64';
export const isFloatDtype = (dtype: Dtype): boolean => dtype.startsWith('float');

/** @returns what turns one value of `feature` into a value of a `dtype` tensor, or into the reason why it cannot. */
export function createValueParser(feature: Feature, dtype: Dtype): ValueParser {
  const parse = createTypeParser(feature, dtype);
  if (feature.closed !== true || feature.values === undefined) return parse;
  const allowed = new Set(feature.values.map(String));
  const names = listValues(feature.values);
  return (raw) =>
    allowed.has(String(raw)) ? parse(raw) : new Misfit(`${quote(raw)} is not one of the allowed values.`, names);
}

function createTypeParser(feature: Feature, dtype: Dtype): ValueParser {
  if (feature.encoding !== undefined) return createEncodingParser(feature, feature.encoding, dtype);
  switch (feature.type) {
    case 'boolean':
      return (raw) => {
        const value = parseBoolean(raw);
        return value instanceof Misfit ? value : toTensorValue(value, dtype);
      };
    case 'string':
      return parseText;
    case 'image':
      return () => new Misfit('This is an image that was not read.');
    case 'number':
    case 'integer':
      return isFloatDtype(dtype) && feature.type === 'number' ? createFloatParser(dtype) : createIntegerParser(dtype);
  }
}

function createFloatParser(dtype: Dtype): ValueParser {
  const max = FLOAT_MAX[dtype] ?? Number.MAX_VALUE;
  return (raw) => {
    const value = typeof raw === 'number' ? raw : parseDecimal(raw);
    if (value instanceof Misfit) return value;
    // The negation also catches NaN, which no decimal gives.
    if (!(Math.abs(value) <= max)) return new Misfit(`${quote(raw)} is too large for a ${dtype}.`);
    return value;
  };
}

function parseDecimal(raw: RawScalar): number | Misfit {
  if (typeof raw !== 'string') return new Misfit(`${quote(raw)} is not a number.`, 'a decimal such as 5.1');
  const text = raw.trim();
  if (DECIMAL.test(text)) return Number(text);
  if (text === '') return new Misfit('The value is empty.', 'a decimal such as 5.1');
  const point = text.replace(',', '.');
  return new Misfit(`${quote(raw)} is not a number.`, DECIMAL.test(point) ? point : 'a decimal such as 5.1');
}

function createIntegerParser(dtype: Dtype): ValueParser {
  const float = isFloatDtype(dtype);
  const [min, max] = INTEGER_RANGE[dtype] ?? INTEGER_RANGE.int64 ?? [0n, 0n];
  const big = isBigDtype(dtype);
  return (raw) => {
    const value = parseInteger(raw);
    if (value instanceof Misfit) return value;
    if (value < min || value > max) return new Misfit(`${quote(raw)} is outside ${min} to ${max}.`);
    return big && !float ? BigInt(value) : Number(value);
  };
}

function parseInteger(raw: RawScalar): number | bigint | Misfit {
  if (typeof raw === 'string') {
    const text = raw.trim();
    if (INTEGER.test(text)) return text.length <= SAFE_DIGITS ? Number(text) : BigInt(text.replace('+', ''));
  }
  const value = typeof raw === 'number' ? raw : parseDecimal(raw);
  if (value instanceof Misfit) return new Misfit(value.message, 'a whole number such as 3');
  if (!Number.isInteger(value)) return new Misfit(`${quote(raw)} is not a whole number.`, 'a whole number such as 3');
  if (Number.isSafeInteger(value)) return value;
  return new Misfit(`${quote(raw)} cannot be read exactly as a number.`, 'the digits as a string');
}

export function parseBoolean(raw: RawScalar): boolean | Misfit {
  if (typeof raw === 'boolean') return raw;
  if (raw === 1 || raw === 0) return raw === 1;
  if (typeof raw === 'string') {
    const text = raw.trim().toLowerCase();
    if (text === 'true' || text === '1') return true;
    if (text === 'false' || text === '0') return false;
  }
  return new Misfit(`${quote(raw)} is not a boolean.`, 'true, false, 1 or 0');
}

function parseText(raw: RawScalar): string | Misfit {
  const text = String(raw);
  // The engine takes C strings: what stands behind a NUL would be lost.
  return text.includes('\0') ? new Misfit('The text holds a NUL character.', 'the text without it') : text;
}

/** Pairs of [value sent, value in the tensor]: the values of `encoding` are the only ones allowed. */
function createEncodingParser(feature: Feature, encoding: [Scalar, Scalar][], dtype: Dtype): ValueParser {
  const codes = new Map(encoding.map(([sent, held]) => [String(sent), toTensorValue(held, dtype)]));
  const allowed = listValues(encoding.map(([sent]) => sent));
  return (raw) => {
    const boolean = feature.type === 'boolean' ? parseBoolean(raw) : raw;
    if (boolean instanceof Misfit) return boolean;
    const number = feature.type === 'number' || feature.type === 'integer' ? parseDecimal(String(boolean)) : boolean;
    const code = codes.get(String(number instanceof Misfit ? raw : number));
    return code ?? new Misfit(`${quote(raw)} is not one of the allowed values.`, allowed);
  };
}

/** A value of the manifest (a default, a code) as the tensor holds it. */
export function toTensorValue(value: Scalar, dtype: Dtype): TensorValue {
  if (dtype === 'string') return String(value);
  return isBigDtype(dtype) ? BigInt(value) : Number(value);
}

function listValues(values: readonly Scalar[]): string {
  const shown = values.slice(0, 10).map(String);
  return shown.join(', ') + (values.length > shown.length ? ` … (${values.length} values)` : '');
}

/** A caller's value inside a message: short, and recognisable as text. */
export function quote(raw: unknown): string {
  const text = typeof raw === 'string' ? JSON.stringify(raw) : (JSON.stringify(raw) ?? String(raw));
  return text.length <= LIMITS.ECHO_CHARACTERS ? text : `${text.slice(0, LIMITS.ECHO_CHARACTERS)}…`;
}
