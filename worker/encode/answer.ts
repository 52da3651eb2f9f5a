// Output tensors -> answers: `createAnswerPlan` compiles a manifest's output once, `toAnswers` reads the tensors of
// many rows. What cannot be answered honestly (NaN, sums far from 1, wrong sizes) is model_output_invalid.
import { LIMITS } from '../limits.ts';
import type { Manifest, Scalar } from '../pipeline/manifest.ts';
import type { Tensor } from '../pipeline/tensor.ts';
import { createLabelReader } from './label.ts';
import { checkFinite, checkWidth, toInvalidOutput, toPrintable } from './numbers.ts';
import { fillScores, type ProbabilityOutput, readScores, toProbabilities } from './probability.ts';

export type Value = number | bigint;

export interface Answer {
  /** A class, a number, or the numbers of a model with several outputs. */
  prediction: Scalar | bigint | Value[];
  /** In class order. */
  probability?: number[];
}

export interface AnswerPlan {
  /** The tensors `toAnswers` wants, in this order, each once. */
  readonly outputs: string[];
  /**
   * @param tensors those of `outputs`, holding `rows` rows.
   * @param firstRow number of the first of them within the request, for messages.
   * @throws AppError model_output_invalid
   */
  toAnswers(tensors: readonly Tensor[], rows: number, firstRow?: number): Answer[];
}

export function createAnswerPlan(manifest: Pick<Manifest, 'output' | 'classes'>): AnswerPlan {
  const { label, probability, value } = manifest.output;
  const classes = manifest.classes ?? [];
  const outputs = [
    ...new Set([...(label ? [label.tensor] : []), ...(probability?.tensors ?? []), ...(value?.tensors ?? [])]),
  ];
  const readLabels = label ? createLabelReader(label, classes) : null;

  return {
    outputs,
    toAnswers(tensors, rows, firstRow = 1) {
      if (rows === 0) return [];
      const find = (name: string): Tensor => {
        const tensor = tensors[outputs.indexOf(name)];
        if (tensor === undefined) throw toInvalidOutput(`"${name}" is absent`);
        return tensor;
      };
      const labels = readLabels && label ? readLabels(find(label.tensor), rows, firstRow) : null;
      if (probability) {
        return toClassAnswers(probability, probability.tensors.map(find), rows, firstRow, classes, labels);
      }
      if (labels) return labels.map((prediction) => ({ prediction }));
      const names = value?.tensors ?? [];
      return toValueAnswers(names, names.map(find), rows, firstRow);
    },
  };
}

function toClassAnswers(
  output: ProbabilityOutput,
  tensors: readonly Tensor[],
  rows: number,
  firstRow: number,
  classes: readonly Scalar[],
  labels: readonly (Scalar | bigint)[] | null,
): Answer[] {
  const read = readScores(output, tensors, rows, classes.length || undefined);
  const scores = new Float64Array(read.width);
  const threshold = output.activation === 'none' ? 0.5 : 0;
  const answers = new Array<Answer>(rows);
  for (let row = 0; row < rows; row++) {
    fillScores(read, row, firstRow, scores);
    // Before rounding, where two classes may become equal; activations keep the order.
    const best = output.form === 'positive' ? Number((scores[0] ?? 0) > threshold) : findLargest(scores);
    const prediction = labels?.[row] ?? classes[best] ?? best;
    answers[row] =
      output.activation === 'scores'
        ? { prediction }
        : { prediction, probability: toProbabilities(output, scores, firstRow + row) };
  }
  return answers;
}

function toValueAnswers(
  names: readonly string[],
  tensors: readonly Tensor[],
  rows: number,
  firstRow: number,
): Answer[] {
  const sources = tensors.map((tensor, index) => toPrintable(tensor, names[index] ?? ''));
  const widths = tensors.map((tensor, index) => checkWidth(tensor, rows, names[index] ?? ''));
  const total = widths.reduce((sum, width) => sum + width, 0);
  if (total === 0 || total > LIMITS.OUTPUT_ELEMENTS_PER_ROW) throw toInvalidOutput(`${total} numbers for each row`);
  const read = (index: number, row: number, place: number): Value => {
    const value = sources[index]?.[place] ?? Number.NaN;
    if (typeof value === 'number') checkFinite(value, names[index] ?? '', firstRow + row);
    return value;
  };
  const answers = new Array<Answer>(rows);
  for (let row = 0; row < rows; row++) {
    if (total === 1) {
      answers[row] = { prediction: read(0, row, row) };
      continue;
    }
    const values: Value[] = [];
    for (const [index, width] of widths.entries()) {
      for (let i = row * width; i < (row + 1) * width; i++) values.push(read(index, row, i));
    }
    answers[row] = { prediction: values };
  }
  return answers;
}

/** The first of the largest, as argmax in the libraries that train. */
function findLargest(values: Float64Array): number {
  let largest = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[largest] ?? 0)) largest = i;
  return largest;
}
