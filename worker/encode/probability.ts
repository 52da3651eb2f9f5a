// Probabilities in class order: activated in float64, rounded to 8 decimals, summing to 1 within 1e-6 after that.
import type { Output } from '../pipeline/manifest.ts';
import type { Tensor } from '../pipeline/tensor.ts';
import { checkFinite, checkWidth, toInvalidOutput, toNumbers } from './numbers.ts';

export type ProbabilityOutput = NonNullable<Output['probability']>;

/** Probabilities are counted in units of the last decimal, so that their sum is exact. */
const UNIT = 1e8;
/** A sum is left as it is within this: the numbers of a float32 model print as they are. */
const ROUNDING = 1e-6;
/** Farther from 1 than float16 explains, the numbers are no probabilities. */
const DRIFT = 0.01;
/** Half of what the contract allows, so that a reader who adds floats finds it kept. */
const RESIDUAL_UNITS = 50;

/** The raw numbers of one run: one tensor of all classes, or one per class. */
export interface Scores {
  /** Numbers of a row: one per class, one in all for `positive`. */
  readonly width: number;
  readonly names: readonly string[];
  readonly sources: readonly ArrayLike<number>[];
  readonly widths: readonly number[];
}

/** @param tensors those of `output.tensors`. */
export function readScores(
  output: ProbabilityOutput,
  tensors: readonly Tensor[],
  rows: number,
  classes: number | undefined,
): Scores {
  const names = output.tensors;
  const expected = output.form === 'vector' ? classes : 1;
  const sources: ArrayLike<number>[] = [];
  const widths: number[] = [];
  let width = 0;
  for (let index = 0; index < tensors.length; index++) {
    const tensor = tensors[index] as Tensor;
    const name = names[index] ?? '';
    const each = checkWidth(tensor, rows, name, expected);
    sources.push(toNumbers(tensor, name));
    widths.push(each);
    width += each;
  }
  if (output.form !== 'positive' && classes !== undefined && width !== classes) {
    throw toInvalidOutput(`${width} probabilities for ${classes} classes`);
  }
  return { width, names, sources, widths };
}

/** Puts one row's numbers into `into`. @param firstRow the number of the first row, for messages. */
export function fillScores(
  { names, sources, widths }: Scores,
  row: number,
  firstRow: number,
  into: Float64Array,
): void {
  let at = 0;
  for (let index = 0; index < sources.length; index++) {
    const source = sources[index];
    const each = widths[index] ?? 0;
    for (let i = row * each; i < (row + 1) * each; i++) {
      const value = source?.[i] ?? Number.NaN;
      checkFinite(value, names[index] ?? '', firstRow + row);
      into[at++] = value;
    }
  }
}

/** @param scores finite; overwritten. */
export function toProbabilities(output: ProbabilityOutput, scores: Float64Array, row: number): number[] {
  if (output.form === 'positive') return toPair(output, scores[0] ?? Number.NaN, row);
  if (output.activation === 'none') checkProbabilities(scores, row);
  else if (output.activation === 'normalize') normalize(scores, row);
  else {
    if (output.activation === 'sigmoid') for (const [i, x] of scores.entries()) scores[i] = logSigmoid(x);
    softmax(scores);
  }
  return roundTogether(scores);
}

function toPair(output: ProbabilityOutput, score: number, row: number): number[] {
  // The softmax of [0, x] is the sigmoid of x.
  const p = output.activation === 'none' ? score : Math.exp(logSigmoid(score));
  if (p < -DRIFT || p > 1 + DRIFT) throw toInvalidOutput(`the probability of row ${row} is ${p}`);
  const units = Math.round(Math.min(1, Math.max(0, p)) * UNIT);
  return [(UNIT - units) / UNIT, units / UNIT];
}

function checkProbabilities(values: Float64Array, row: number): void {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (value < -DRIFT) throw toInvalidOutput(`a probability of row ${row} is ${value}`);
    if (value < 0) values[i] = 0;
    else sum += value;
  }
  const drift = Math.abs(sum - 1);
  if (drift > DRIFT) {
    throw toInvalidOutput(
      `the probabilities of row ${row} sum to ${Number(sum.toPrecision(6))}; declare softmax, sigmoid or scores if the model yields scores`,
    );
  }
  if (drift > ROUNDING) for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) / sum;
}

/** Votes, counts, weights: what share of them a class has. */
function normalize(values: Float64Array, row: number): void {
  let sum = 0;
  for (const value of values) {
    if (value < 0) throw toInvalidOutput(`a share of row ${row} is ${value}`);
    sum += value;
  }
  if (sum === 0) throw toInvalidOutput(`the shares of row ${row} are all 0`);
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) / sum;
}

function softmax(values: Float64Array): void {
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) if (value > max) max = value;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const power = Math.exp((values[i] ?? 0) - max);
    values[i] = power;
    sum += power;
  }
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) / sum;
}

/** ln(sigmoid(x)): normalised sigmoids are the softmax of these, without underflow for scores far below zero. */
function logSigmoid(x: number): number {
  return x >= 0 ? -Math.log1p(Math.exp(-x)) : x - Math.log1p(Math.exp(x));
}

/** @param values overwritten. */
function roundTogether(values: Float64Array): number[] {
  let sum = 0;
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const units = Math.round((values[i] ?? 0) * UNIT);
    values[i] = units;
    sum += units;
    if (units > (values[largest] ?? 0)) largest = i;
  }
  const residual = UNIT - sum;
  if (Math.abs(residual) > RESIDUAL_UNITS) values[largest] = (values[largest] ?? 0) + residual;
  const rounded = new Array<number>(values.length);
  for (let i = 0; i < values.length; i++) rounded[i] = (values[i] ?? 0) / UNIT;
  return rounded;
}
