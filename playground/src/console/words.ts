// How numbers, dates and the words of the API are said to a person.
import type { Feature, Scalar } from '../../../worker/contract.ts';

const LANGUAGE = 'en-GB';
const MIB = 2 ** 20;

export const MAX_FILE_BYTES = 25 * MIB;

export type Task = 'classification' | 'regression' | 'forecasting';

export const TASKS: Record<Task, string> = {
  classification: 'Classification',
  regression: 'Regression',
  forecasting: 'Forecast',
};

export const TYPES: Record<Feature['type'], string> = {
  number: 'number',
  integer: 'whole number',
  boolean: 'yes or no',
  string: 'text',
  image: 'image',
};

export function toSize(bytes: number): string {
  if (bytes < 1000) return toCount(bytes, 'byte');
  if (bytes < MIB) return `${toNumber(bytes / 1024, 3)} KiB`;
  return `${toNumber(bytes / MIB, 3)} MiB`;
}

export function toNumber(value: number, digits = 6): string {
  return new Intl.NumberFormat(LANGUAGE, { maximumSignificantDigits: digits }).format(value);
}

/** As a request writes it: no grouping, which would make a year of 2024 an odd thing. */
function toPlain(value: number): string {
  return String(Number(value.toPrecision(6)));
}

export function toCount(count: number, one: string, many = `${one}s`): string {
  return `${new Intl.NumberFormat(LANGUAGE).format(count)} ${count === 1 ? one : many}`;
}

export function toDate(iso: string): string {
  return new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** "3 minutes ago"; the date where it is longer ago than a month. */
export function toAgo(iso: string, now: number): string {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  if (seconds < -30 * 86_400) return toDate(iso);
  for (const [unit, length] of STEPS) {
    if (-seconds >= length) return new Intl.RelativeTimeFormat(LANGUAGE).format(Math.trunc(seconds / length), unit);
  }
  return 'just now';
}

/** A value as one reads it; long lists are cut. */
export function toText(value: Scalar | readonly Scalar[] | null | undefined, shown = 6): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return typeof value === 'number' ? String(value) : `${value}`;
  const head = value.slice(0, shown).map(String).join(', ');
  return value.length > shown ? `${head}, …` : head;
}

/** What a feature may be, in one line: its range, its values, or the size of its image. */
export function toDomain({ range, values, closed, encoding, preprocess, length }: Feature): string {
  const many = length === undefined ? '' : `${length} values`;
  if (preprocess !== undefined) {
    const [width, height] = preprocess.size;
    return `${width} × ${height} pixels, ${preprocess.color === 'L' ? 'grey' : preprocess.color}`;
  }
  if (values !== undefined && values.length > 0) {
    const text = toText(values, 8);
    return closed === true || encoding !== undefined ? `only ${text}` : text;
  }
  const seen = range === undefined ? '' : `${toPlain(range.min)} to ${toPlain(range.max)}`;
  return [many, seen].filter((part) => part !== '').join(', ');
}

/** "4 features, 3 classes" */
export function toShape(model: { features: readonly unknown[]; classes: readonly unknown[] | null }): string {
  const features = toCount(model.features.length, 'feature');
  return model.classes === null ? features : `${features}, ${toCount(model.classes.length, 'class', 'classes')}`;
}
