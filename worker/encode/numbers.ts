// Reads output tensors as numbers, and refuses what cannot stand in an answer: NaN, infinity, the wrong size.
import { AppError } from '../errors.ts';
import { fromHalf } from '../pipeline/float16.ts';
import type { Tensor } from '../pipeline/tensor.ts';
import { shortestFloat32 } from './shortest.ts';

export function toInvalidOutput(message: string): AppError {
  return new AppError('model_output_invalid', `The model's output cannot be answered: ${message}.`);
}

/** The tensor's numbers as float64 can hold them. */
export function toNumbers(tensor: Tensor, name: string): ArrayLike<number> {
  const { data, dtype } = tensor;
  if (Array.isArray(data)) throw toInvalidOutput(`"${name}" holds strings where numbers are expected`);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Array.from(data, Number);
  if (dtype === 'float16') return Float64Array.from(data, fromHalf);
  return data;
}

/** The tensor's numbers as they are printed: shortest decimals of a float32, an exact bigint where a number is not. */
export function toPrintable(tensor: Tensor, name: string): ArrayLike<number | bigint> {
  const { data, dtype } = tensor;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Array.from(data, toSafeInteger);
  const numbers = toNumbers(tensor, name);
  if (dtype !== 'float32' && dtype !== 'float16') return numbers;
  return Float64Array.from(numbers, shortestFloat32);
}

export function toSafeInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** @returns how many numbers `name` gives each row. */
export function checkWidth(tensor: Tensor, rows: number, name: string, expected?: number): number {
  const width = tensor.data.length / rows;
  const fits = expected === undefined ? Number.isInteger(width) && width > 0 : width === expected;
  if (fits) return width;
  const wanted = expected === undefined ? 'a multiple of the rows' : `${expected} for each row`;
  throw toInvalidOutput(`"${name}" has ${tensor.data.length} values for ${rows} rows, expected ${wanted}`);
}

export function checkFinite(value: number, name: string, row: number): void {
  if (!Number.isFinite(value)) throw toInvalidOutput(`"${name}" is ${value} for row ${row}`);
}
