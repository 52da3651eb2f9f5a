// Tensors, and how the rows of a request fill them: `createFeedPlan` compiles a manifest once, `toFeeds` fills
// the tensors of many rows and reports every value that does not fit.

import { LIMITS } from '../limits.ts';
import {
  createValueParser,
  isFloatDtype,
  Misfit,
  type TensorValue,
  toTensorValue,
  type ValueParser,
} from './feature.ts';
import { toHalf } from './float16.ts';
import type { IssueList } from './issues.ts';
import type { Dtype, Feature, Input, Manifest } from './manifest.ts';
import { countPlaces } from './places.ts';
import { type Columns, createColumns, type RawScalar, type RawValue, type Row } from './row.ts';

export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | string[];

/** float16 is held as its bits in a Uint16Array, bool as 0 or 1 in a Uint8Array. Row-major. */
export interface Tensor {
  readonly dtype: Dtype;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/** The tensors of so many rows. */
export interface FedRows {
  readonly feeds: readonly NamedTensor[];
  readonly rows: number;
}

/** A feature's place in one row of a tensor. */
interface Slot {
  readonly feature: Feature;
  readonly position: number;
  readonly offset: number;
  readonly parse: ValueParser;
  /** What a missing value becomes, one per place; undefined: the feature is required. */
  readonly fallback: readonly TensorValue[] | undefined;
}

interface InputPlan {
  readonly name: string;
  readonly dtype: Dtype;
  /** Dimensions of one row, and how many elements that is. */
  readonly rowDims: readonly number[];
  readonly width: number;
  readonly slots: readonly Slot[];
}

export interface FeedPlan {
  readonly columns: Columns;
  readonly inputs: readonly InputPlan[];
  readonly batch: Manifest['batch'];
  /** Elements that one row takes in all tensors together. */
  readonly rowElements: number;
}

/** @throws Error when the manifest contradicts itself: a feature that is named nowhere, a width that does not fit. */
export function createFeedPlan(manifest: Manifest): FeedPlan {
  const columns = createColumns(manifest);
  const inputs = manifest.inputs.map((input) => createInputPlan(input, manifest, columns));
  return {
    columns,
    inputs,
    batch: manifest.batch,
    rowElements: inputs.reduce((sum, { width }) => sum + width, 0),
  };
}

function createInputPlan(input: Input, manifest: Manifest, columns: Columns): InputPlan {
  const features = input.features.map((name): Feature => {
    const feature = manifest.features[columns.find(name)];
    if (feature === undefined) throw new Error(`input "${input.name}" names a feature "${name}" that is not described`);
    return feature;
  });
  // Before anything is made of that size.
  const width = features.reduce((sum, feature) => sum + countPlaces(feature), 0);
  const rowDims = toRowDims(input, manifest.batch, width);
  let offset = 0;
  const slots = features.map((feature): Slot => {
    const slot = {
      feature,
      position: columns.find(feature.name),
      offset,
      parse: createValueParser(feature, input.dtype),
      fallback: toFallback(feature, input.dtype),
    };
    offset += countPlaces(feature);
    return slot;
  });
  return { name: input.name, dtype: input.dtype, rowDims, width, slots };
}

/** The input's shape without its batch axis; one dynamic axis takes what the features leave. */
function toRowDims(input: Input, batch: Manifest['batch'], width: number): number[] {
  const shape = batch === 'none' ? input.shape : input.shape.slice(1);
  if (width > LIMITS.ROW_ELEMENTS) throw new Error(`input "${input.name}" would take ${width} values a row`);
  const known = shape.reduce<number>((product, size) => product * (size ?? 1), 1);
  const dims = shape.map((size) => size ?? width / known);
  if (dims.reduce((product, size) => product * size, 1) !== width || dims.some((size) => !Number.isInteger(size))) {
    throw new Error(
      `input "${input.name}" of shape [${input.shape.map((size) => size ?? '?')}] cannot hold ${width} values a row`,
    );
  }
  return dims;
}

function toFallback(feature: Feature, dtype: Dtype): TensorValue[] | undefined {
  if (feature.type === 'image') return undefined;
  const places = countPlaces(feature);
  if (feature.default !== undefined) {
    const values = Array.isArray(feature.default) ? feature.default : new Array(places).fill(feature.default);
    const coded = new Map(feature.encoding?.map(([sent, held]) => [sent, held]));
    return values.map((value) => toTensorValue(coded.get(value) ?? value, dtype));
  }
  if (feature.optional !== true) return undefined;
  if (dtype === 'string') return new Array(places).fill('');
  return isFloatDtype(dtype) ? new Array(places).fill(Number.NaN) : undefined;
}

/**
 * Fills one tensor per graph input, of shape [rows, …], with the values of `rows`.
 * Every value that is missing or does not fit becomes an issue; the tensors are only good when there is none.
 * @param firstRow the number of the first row in the request, counted from 1.
 */
export function toFeeds(plan: FeedPlan, rows: readonly Row[], firstRow: number, issues: IssueList): NamedTensor[] {
  return plan.inputs.map((input) => {
    const data = createData(input.dtype, rows.length * input.width);
    for (let r = 0; r < rows.length; r += 1) {
      const row = rows[r] as Row;
      for (const slot of input.slots)
        fillSlot(data, r * input.width + slot.offset, slot, row[slot.position], input.dtype, firstRow + r, issues);
    }
    return { name: input.name, tensor: { dtype: input.dtype, dims: [rows.length, ...input.rowDims], data } };
  });
}

/** One row of `feeds` as the graph takes it when it takes one row at a time. */
export function toRowFeeds(plan: FeedPlan, feeds: readonly NamedTensor[], r: number): NamedTensor[] {
  return feeds.map(({ name, tensor }, i) => {
    const width = plan.inputs[i]?.width ?? 0;
    const dims = plan.batch === 'none' ? tensor.dims.slice(1) : [1, ...tensor.dims.slice(1)];
    const part = Array.isArray(tensor.data)
      ? tensor.data.slice(r * width, (r + 1) * width)
      : tensor.data.subarray(r * width, (r + 1) * width);
    return { name, tensor: { dtype: tensor.dtype, dims, data: part } };
  });
}

function fillSlot(
  data: TensorData,
  at: number,
  slot: Slot,
  raw: RawValue,
  dtype: Dtype,
  row: number,
  issues: IssueList,
): void {
  const { feature, fallback } = slot;
  if (raw === undefined || raw === null || (fallback !== undefined && raw === '')) {
    if (fallback !== undefined) for (const [i, value] of fallback.entries()) storeValue(data, at + i, value, dtype);
    else issues.add({ row, feature: feature.name, code: 'missing_features', message: `${feature.name} is missing.` });
    return;
  }
  if (ArrayBuffer.isView(raw) || feature.type === 'image') fillImage(data, at, slot, raw, dtype, row, issues);
  else if (feature.length === undefined && !Array.isArray(raw)) fillPlace(data, at, slot, raw, dtype, row, issues);
  else fillVector(data, at, slot, raw, dtype, row, issues);
}

function fillPlace(
  data: TensorData,
  at: number,
  slot: Slot,
  raw: RawScalar,
  dtype: Dtype,
  row: number,
  issues: IssueList,
): void {
  const missing = raw === null || (typeof raw === 'string' && slot.fallback !== undefined && isMissingText(raw));
  const value = missing && slot.fallback?.[0] !== undefined ? slot.fallback[0] : slot.parse(raw);
  if (value instanceof Misfit) addMisfit(issues, row, slot.feature, value);
  else storeValue(data, at, value, dtype);
}

/** How a text says that there is no value, where a value may be missing: also as pandas and Python write it. */
export function isMissingText(raw: string): boolean {
  return raw === '' || (raw.length === 3 && raw.toLowerCase() === 'nan');
}

/** The values of an image that was read (image/cells.ts). */
function fillImage(
  data: TensorData,
  at: number,
  { feature }: Slot,
  raw: RawValue,
  dtype: Dtype,
  row: number,
  issues: IssueList,
): void {
  if (feature.type !== 'image' || !(raw instanceof Float32Array)) {
    const wanted = feature.type === 'image' ? 'an image' : 'no file';
    addMisfit(issues, row, feature, new Misfit(`${feature.name} takes ${wanted}.`));
  } else if ((dtype === 'float32' || dtype === 'float64' || dtype === 'uint8') && !Array.isArray(data)) {
    // Arrays of numbers: such a tensor is none of 64-bit integers.
    (data as Float32Array).set(raw, at);
  } else {
    for (const [i, value] of raw.entries()) storeValue(data, at + i, toTensorValue(value, dtype), dtype);
  }
}

function fillVector(
  data: TensorData,
  at: number,
  slot: Slot,
  raw: RawScalar | RawScalar[],
  dtype: Dtype,
  row: number,
  issues: IssueList,
): void {
  const { feature } = slot;
  const places = countPlaces(feature);
  const values = toVector(raw);
  if (values.length !== places) {
    const wanted = feature.length === undefined ? 'one value' : `${places} values`;
    addMisfit(issues, row, feature, new Misfit(`${feature.name} takes ${wanted}, got ${values.length}.`, wanted));
    return;
  }
  for (const [i, value] of values.entries()) fillPlace(data, at + i, slot, value, dtype, row, issues);
}

/** A vector comes as an array, as a repeated key, or as a JSON array in the text of one cell. */
function toVector(raw: RawScalar | RawScalar[]): RawScalar[] {
  if (Array.isArray(raw)) return raw;
  if (typeof raw === 'string' && raw.startsWith('[')) {
    try {
      const parsed: unknown = JSON.parse(raw);
      if (Array.isArray(parsed) && parsed.every((value) => value === null || typeof value !== 'object')) return parsed;
    } catch {
      // Not JSON after all: it counts as one value, and the message says how many are wanted.
    }
  }
  return [raw];
}

function addMisfit(issues: IssueList, row: number, feature: Feature, misfit: Misfit): void {
  const message = misfit.message.startsWith(feature.name) ? misfit.message : `${feature.name}: ${misfit.message}`;
  const { suggestion } = misfit;
  issues.add({
    row,
    feature: feature.name,
    code: 'invalid_value',
    message,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

/** Puts a parsed value into the data of a tensor of that dtype. */
export function storeValue(data: TensorData, at: number, value: TensorValue, dtype: Dtype): void {
  // The parser of a slot yields what its dtype holds; the array type cannot follow that.
  (data as TensorValue[])[at] = dtype === 'float16' ? toHalf(value as number) : value;
}

/** Room for `size` elements, all zero or empty. */
export function createData(dtype: Dtype, size: number): TensorData {
  switch (dtype) {
    case 'float32':
      return new Float32Array(size);
    case 'float64':
      return new Float64Array(size);
    case 'int8':
      return new Int8Array(size);
    case 'int16':
      return new Int16Array(size);
    case 'int32':
      return new Int32Array(size);
    case 'int64':
      return new BigInt64Array(size);
    case 'uint8':
    case 'bool':
      return new Uint8Array(size);
    case 'uint16':
    case 'float16':
      return new Uint16Array(size);
    case 'uint32':
      return new Uint32Array(size);
    case 'uint64':
      return new BigUint64Array(size);
    case 'string':
      return new Array<string>(size).fill('');
  }
}
