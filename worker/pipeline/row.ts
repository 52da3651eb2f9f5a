// A row between the wire and the tensors: raw values by feature position. Decoders make rows, feeds read them.
import type { Manifest } from './manifest.ts';

export type RawScalar = string | number | boolean | null;
/**
 * What a caller sent for one feature; undefined where nothing was sent, an array where a key was repeated, bytes where it
 * was a file. An image that was read is the values of its place in the tensor.
 */
export type RawValue = RawScalar | undefined | RawScalar[] | Uint8Array | Float32Array;
/** One value per feature, in the manifest's order. */
export type Row = RawValue[];

/** Where a key of the request goes: a feature's position, or one of these. */
export const IGNORED_COLUMN = -1;
export const UNKNOWN_COLUMN = -2;

export interface Columns {
  readonly names: readonly string[];
  /** Whether a feature holds numbers: a CSV with decimal commas must not touch the commas of a text. */
  readonly numeric: readonly boolean[];
  /** Positions of the features that are images. */
  readonly images: readonly number[];
  /** @returns the feature's position, IGNORED_COLUMN for the label, UNKNOWN_COLUMN otherwise. */
  find(name: string): number;
}

export function createColumns(manifest: Pick<Manifest, 'features' | 'label'>): Columns {
  const names = manifest.features.map((feature) => feature.name);
  const positions = new Map<string, number>();
  for (const label of [manifest.label ?? []].flat()) positions.set(label, IGNORED_COLUMN);
  for (const [position, name] of names.entries()) positions.set(name, position);
  const numeric = manifest.features.map(({ type }) => type === 'number' || type === 'integer');
  const images = manifest.features.flatMap(({ type }, position) => (type === 'image' ? [position] : []));
  return { names, numeric, images, find: (name) => positions.get(name) ?? UNKNOWN_COLUMN };
}

/** Stores a value of a format that repeats its key for a vector: the second value makes an array of the first. */
export function appendValue(row: Row, position: number, value: RawScalar): void {
  const present = row[position];
  if (present === undefined) row[position] = value;
  else if (Array.isArray(present)) present.push(value);
  else if (ArrayBuffer.isView(present)) row[position] = [null, value];
  else row[position] = [present, value];
}
