// Counts, sizes and times as people read them; what a column takes, in a few words. Pure.
import type { FeatureSchema } from '../../../worker/contract.ts';
import { toReadable } from '../numbers.ts';

/** Words of a column that are listed; of more the first ones. */
const LISTED = 4;

/** The edge of a bin, in as many decimals as tell it from the next one. */
export function toEdge({ from, to }: { readonly from: number; readonly to: number }, edge: number): string {
  const decimals = Math.min(Math.max(0, -Math.floor(Math.log10(to - from) + 1e-9)), 12);
  return new Intl.NumberFormat('en', { maximumFractionDigits: decimals, useGrouping: 'min2' }).format(edge);
}

export const toCount = (count: number): string => count.toLocaleString('en');

export const toRows = (count: number): string => `${toCount(count)} ${count === 1 ? 'row' : 'rows'}`;

export function toSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const [value, unit] =
    bytes < 999_500 ? [bytes / 1e3, 'kB'] : bytes < 999.5e6 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB'];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

export function toDuration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** An estimate: nothing finer than it is. */
export function toTimeLeft(seconds: number): string {
  if (seconds < 1.5) return 'about a second';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 3600 ? `${Math.round(seconds / 60)} min` : toDuration(Math.round(seconds / 60) * 60);
}

export function toWanted({ type, length, values, closed, range, unit }: FeatureSchema): string {
  if (length !== undefined) return `${length} numbers in one cell, as [1, 2, …]`;
  if (type === 'boolean') return 'true or false';
  if (type === 'image') return 'an image as base64';
  if (values !== undefined && values.length > 0) {
    const listed = values.slice(0, LISTED).join(', ');
    const more = values.length > LISTED ? `, ${values.length - LISTED} more` : '';
    return closed === true || more !== '' ? `${listed}${more}` : `${listed}, …`;
  }
  if (type === 'string') return 'text';
  const kind = type === 'integer' ? 'whole number' : 'number';
  const limits = range === undefined ? '' : `, ${toReadable(range.min)} to ${toReadable(range.max)}`;
  return `${kind}${limits}${unit === undefined ? '' : ` ${unit}`}`;
}
