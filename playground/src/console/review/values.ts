// Values of a feature as they are typed: text both ways, with what is wrong in words.
import type { Feature, Scalar } from '../../../../worker/contract.ts';

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

export function toFieldText(value: Scalar | readonly Scalar[] | null | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? value.map(String).join(', ') : String(value);
}

/** A default or an example. @param text not empty */
export function parseValue(feature: Feature, text: string): Parsed<Scalar | Scalar[]> {
  if (feature.length === undefined) return parseScalar(feature, text.trim());
  const parts = text.split(/[,;\s]+/).filter((part) => part !== '');
  if (parts.length !== feature.length) {
    return fail(`It takes ${feature.length} values, separated by commas; there are ${parts.length}.`);
  }
  const values: Scalar[] = [];
  for (const part of parts) {
    const parsed = parseScalar(feature, part);
    if (!parsed.ok) return fail(`${part}: ${parsed.message}`);
    values.push(parsed.value);
  }
  return { ok: true, value: values };
}

function parseScalar({ type, encoding, closed, values }: Feature, text: string): Parsed<Scalar> {
  const allowed = encoding?.map(([sent]) => sent) ?? (closed === true ? values : undefined);
  if (allowed !== undefined) {
    const found = allowed.find((value) => String(value) === text);
    return found === undefined ? fail(`It is one of ${allowed.slice(0, 8).join(', ')}.`) : { ok: true, value: found };
  }
  if (type === 'boolean') {
    return text === 'true' || text === 'false' ? { ok: true, value: text === 'true' } : fail('It is true or false.');
  }
  if (type === 'string') return { ok: true, value: text };
  return parseNumber(text, type === 'integer');
}

export function parseNumber(text: string, whole = false): Parsed<number> {
  const value = NUMBER.test(text.trim()) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) return fail('It is a number, with a decimal point.');
  return whole && !Number.isSafeInteger(value) ? fail('It is a whole number.') : { ok: true, value };
}

/** @returns null where nothing was typed. */
export function parseNumbers(text: string, count: number): Parsed<number[] | null> {
  const parts = text.split(/[,;\s]+/).filter((part) => part !== '');
  if (parts.length === 0) return { ok: true, value: null };
  if (parts.length !== count) return fail(`${count === 1 ? 'One number' : `${count} numbers`}, one per channel.`);
  const values: number[] = [];
  for (const part of parts) {
    const parsed = parseNumber(part);
    if (!parsed.ok) return parsed;
    values.push(parsed.value);
  }
  return { ok: true, value: values };
}

function fail(message: string): { ok: false; message: string } {
  return { ok: false, message };
}
