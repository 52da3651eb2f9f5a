// The tensors of a chunk, filled cell by cell as plain rows are read from text: no row, no record and no string is made
// for a number. What a cell means is what pipeline/tensor.ts says; a cell that does not fit is left to the general way,
// which reads it again and says what is wrong.
import { isFloatDtype, Misfit, type TensorValue, type ValueParser } from '../pipeline/feature.ts';
import type { Dtype } from '../pipeline/manifest.ts';
import { countPlaces } from '../pipeline/places.ts';
import type { RawScalar } from '../pipeline/row.ts';
import {
  createData,
  type FedRows,
  type FeedPlan,
  isMissingText,
  type NamedTensor,
  storeValue,
  type TensorData,
} from '../pipeline/tensor.ts';
import { type Cursor, type Gaps, readDecimals } from './decimal.ts';

/** Where the values of one feature go. */
export interface Column {
  readonly position: number;
  /** Whether decimals can be stored as they are read. */
  readonly isFloat: boolean;
  /** Values of a row; only a feature that is a vector has more than one. */
  readonly places: number;
  readonly isVector: boolean;
  readonly dtype: Dtype;
  readonly parse: ValueParser;
  readonly fallback: readonly TensorValue[] | undefined;
  readonly input: number;
  /** Where its places are in a row of the input. */
  readonly offsets: Int32Array;
  readonly stride: number;
}

/** Chunks begin with room for so many rows: most bodies are small. */
const FIRST_ROWS = 64;

export class Table {
  readonly columns: readonly Column[];
  /** Rows that are complete. */
  rows = 0;
  readonly #plan: FeedPlan;
  readonly #chunkRows: number;
  #room: number;
  /** The data of each input. */
  #data: TensorData[];

  constructor(plan: FeedPlan, columns: readonly Column[], chunkRows: number) {
    this.columns = columns;
    this.#plan = plan;
    this.#chunkRows = chunkRows;
    this.#room = Math.min(FIRST_ROWS, chunkRows);
    this.#data = this.#createData();
  }

  /** Reads decimals into the row. @see decimal.ts */
  readDecimals(
    cursor: Cursor,
    gaps: Gaps,
    { input, stride }: Column,
    offsets: Int32Array,
    from: number,
    to: number,
    isJson: boolean,
  ): number {
    const data = this.#data[input] as Float32Array;
    return readDecimals(cursor, gaps, data, this.rows * stride, offsets, from, to, isJson);
  }

  /** @returns whether the value fits. */
  store(column: Column, place: number, raw: RawScalar): boolean {
    const isMissing = raw === null || (typeof raw === 'string' && isMissingText(raw));
    const spare = isMissing ? column.fallback?.[0] : undefined;
    if (raw === null && spare === undefined) return false;
    const value = spare ?? column.parse(raw);
    if (value instanceof Misfit) return false;
    const at = this.rows * column.stride + (column.offsets[place] ?? 0);
    storeValue(this.#data[column.input] as TensorData, at, value, column.dtype);
    return true;
  }

  /** A feature that the row does not mention. @returns whether it may be missing. */
  storeNothing(column: Column): boolean {
    const { fallback } = column;
    if (fallback === undefined) return false;
    const at = this.rows * column.stride + (column.offsets[0] ?? 0);
    const data = this.#data[column.input] as TensorData;
    for (let i = 0; i < fallback.length; i += 1) storeValue(data, at + i, fallback[i] as TensorValue, column.dtype);
    return true;
  }

  /** @returns the chunk, when it is full. Its tensors are the reader's. */
  endRow(): FedRows | null {
    this.rows += 1;
    if (this.rows === this.#chunkRows) return this.take();
    if (this.rows === this.#room) this.#grow();
    return null;
  }

  /** @returns the rows since the last chunk, or null where there are none. */
  take(): FedRows | null {
    const { rows } = this;
    if (rows === 0) return null;
    const feeds = this.#plan.inputs.map(({ name, dtype, rowDims, width }, i): NamedTensor => {
      const data = this.#data[i] as TensorData;
      const part = Array.isArray(data) ? data.slice(0, rows * width) : data.subarray(0, rows * width);
      return { name, tensor: { dtype, dims: [rows, ...rowDims], data: part } };
    });
    this.rows = 0;
    this.#data = this.#createData();
    return { feeds, rows };
  }

  #createData(): TensorData[] {
    return this.#plan.inputs.map(({ dtype, width }) => createData(dtype, this.#room * width));
  }

  #grow(): void {
    const small = this.#data;
    this.#room = Math.min(this.#room * 8, this.#chunkRows);
    this.#data = this.#createData();
    for (const [i, data] of small.entries()) {
      const large = this.#data[i];
      if (Array.isArray(data)) for (const [at, text] of data.entries()) (large as string[])[at] = text;
      // Arrays of one type, made of one dtype.
      else (large as Float32Array).set(data as Float32Array);
    }
  }
}

/** @returns null for images, and for features that fill several inputs: they go the general way. */
export function createTable(plan: FeedPlan, chunkRows: number): Table | null {
  const columns: Column[] = [];
  for (const [input, { dtype, width, slots }] of plan.inputs.entries()) {
    for (const { feature, position, offset, parse, fallback } of slots) {
      if (columns[position] !== undefined || feature.type === 'image') return null;
      // float16 is stored as bits, and may be too small for a decimal.
      const isBare = feature.type === 'number' && feature.encoding === undefined && feature.closed !== true;
      const isFloat = isBare && isFloatDtype(dtype) && dtype !== 'float16';
      const places = countPlaces(feature);
      const isVector = feature.length !== undefined;
      const offsets = Int32Array.from({ length: places }, (_, place) => offset + place);
      const rest = { position, dtype, parse, fallback, input, offsets, stride: width };
      columns[position] = { ...rest, isFloat, places, isVector };
    }
  }
  for (let i = 0; i < plan.columns.names.length; i += 1) if (columns[i] === undefined) return null;
  return new Table(plan, columns, chunkRows);
}
