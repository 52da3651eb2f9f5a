// How well the model's answers agree with the label column: the quickest sign that the columns are in the right order
// and the classes have the right names.
import type { Manifest, Scalar } from '../pipeline/manifest.ts';
import { toKey } from './classes.ts';
import { echoList, ImportRefusal } from './refusal.ts';
import type { Produced } from './run.ts';

export type Agreement =
  | { metric: 'accuracy'; value: number; rows: number; majority: number; warning?: string }
  | { metric: 'r2'; value: number; rmse: number; rows: number; warning?: string };

export interface Answered {
  readonly prediction: Scalar | number[];
  readonly probability?: number[];
}

/** The answers that the manifest makes of the numbers of a test run. */
export function toAnswered(
  manifest: Pick<Manifest, 'output' | 'classes'>,
  outputs: ReadonlyMap<string, Produced>,
  rows: number,
): Answered[] {
  const { label, probability, value } = manifest.output;
  const classes = manifest.classes ?? [];
  const read = (name: string, r: number): (number | string)[] => {
    const produced = outputs.get(name);
    return produced === undefined ? [] : produced.values.slice(r * produced.width, (r + 1) * produced.width);
  };
  return Array.from({ length: rows }, (_, r): Answered => {
    if (value !== undefined) {
      const numbers = value.tensors.flatMap((name) => read(name, r)).map(Number);
      return { prediction: numbers.length === 1 ? (numbers[0] ?? Number.NaN) : numbers };
    }
    const scores = probability?.tensors.flatMap((name) => read(name, r)).map(Number) ?? [];
    const spread = probability === undefined ? [] : toSpread(scores, probability);
    const labelled = label === undefined ? undefined : read(label.tensor, r)[0];
    const found =
      label === undefined
        ? classes[spread.indexOf(Math.max(...spread))]
        : label.holds === 'index'
          ? classes[Number(labelled)]
          : (classes.find((each) => toKey(each) === toKey(labelled ?? '')) ?? labelled);
    const prediction = found ?? -1;
    return probability === undefined || probability.activation === 'scores'
      ? { prediction }
      : { prediction, probability: spread };
  });
}

function toSpread(
  scores: readonly number[],
  { form, activation }: NonNullable<Manifest['output']['probability']>,
): number[] {
  if (form === 'positive') {
    const score = scores[0] ?? Number.NaN;
    if (activation === 'none') return [1 - score, score];
    const p = 1 / (1 + Math.exp(-score));
    return [1 - p, p];
  }
  if (activation === 'none' || activation === 'scores') return [...scores];
  const raw = scores.map((x) => {
    if (activation === 'normalize') return x;
    return activation === 'sigmoid' ? 1 / (1 + Math.exp(-x)) : Math.exp(x - Math.max(...scores));
  });
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((x) => x / sum);
}

/** @param truths per row the label's values; null where the row has none. */
export function getAgreement(
  manifest: Pick<Manifest, 'task' | 'classes'>,
  answers: readonly Answered[],
  truths: readonly (readonly Scalar[] | null)[],
): Agreement | null {
  const pairs = answers.flatMap((answer, r) => {
    const truth = truths[r];
    return truth == null || truth.length === 0 ? [] : [{ answer, truth }];
  });
  if (pairs.length === 0) return null;
  if (manifest.task === 'classification') {
    return getAccuracy(
      pairs.map(({ answer, truth }) => [toKey(answer.prediction as Scalar), toKey(truth[0] ?? '')] as const),
    );
  }
  return getFit(pairs.map(({ answer, truth }) => [[answer.prediction].flat().map(Number), truth.map(Number)] as const));
}

function getAccuracy(pairs: readonly (readonly [string, string])[]): Agreement {
  const hits = pairs.filter(([predicted, truth]) => predicted === truth).length;
  const counts = new Map<string, number>();
  for (const [, truth] of pairs) counts.set(truth, (counts.get(truth) ?? 0) + 1);
  const majority = Math.max(...counts.values()) / pairs.length;
  const value = hits / pairs.length;
  const chance = counts.size > 1 && (value < 1 / counts.size || (value < majority && value < 0.6));
  return {
    metric: 'accuracy',
    value,
    rows: pairs.length,
    majority,
    ...(chance
      ? {
          warning: `Only ${toPercent(value)} of the rows are answered as the label column says; always answering the most frequent class would give ${toPercent(majority)}. The columns are probably in another order than in training, or the classes are.`,
        }
      : {}),
  };
}

function getFit(pairs: readonly (readonly [readonly number[], readonly number[]])[]): Agreement | null {
  let squares = 0;
  let spread = 0;
  let count = 0;
  const width = Math.min(...pairs.map(([predicted, truth]) => Math.min(predicted.length, truth.length)));
  for (let i = 0; i < width; i += 1) {
    const truths = pairs.map(([, truth]) => truth[i] ?? Number.NaN);
    const mean = truths.reduce((a, b) => a + b, 0) / truths.length;
    for (const [r, [predicted]] of pairs.entries()) {
      const truth = truths[r] ?? Number.NaN;
      const difference = (predicted[i] ?? Number.NaN) - truth;
      if (Number.isNaN(difference)) continue;
      squares += difference * difference;
      spread += (truth - mean) ** 2;
      count += 1;
    }
  }
  if (count === 0) return null;
  const value = spread === 0 ? 0 : 1 - squares / spread;
  return {
    metric: 'r2',
    value,
    rmse: Math.sqrt(squares / count),
    rows: pairs.length,
    ...(value < 0 && count >= 10
      ? {
          warning: `The answers are farther from the label column than its mean is (R² ${value.toFixed(2)}). The columns are probably in another order than in training, or the model answers in another unit.`,
        }
      : {}),
  };
}

function toPercent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** A guessed order is doubted when another order of the same classes agrees this much better. */
const DOUBT = 0.3;

/**
 * Classes that were only sorted may be in another order: their answers then agree with the labels after renaming.
 * @throws ImportRefusal classes_required, with the order that would fit.
 */
export function checkClassOrder(
  classes: readonly Scalar[],
  answers: readonly Answered[],
  truths: readonly (readonly Scalar[] | null)[],
): void {
  const votes = new Map<string, Map<string, number>>();
  let rows = 0;
  let hits = 0;
  for (const [r, { prediction }] of answers.entries()) {
    const truth = truths[r]?.[0];
    if (truth === undefined || Array.isArray(prediction)) continue;
    const [from, to] = [toKey(prediction), toKey(truth)];
    const row = votes.get(from) ?? new Map<string, number>();
    row.set(to, (row.get(to) ?? 0) + 1);
    votes.set(from, row);
    rows += 1;
    if (from === to) hits += 1;
  }
  if (rows < classes.length * 5) return;
  const best = classes.map((each) => {
    const row = [...(votes.get(toKey(each)) ?? [])].sort((a, b) => b[1] - a[1]);
    return row[0] ?? null;
  });
  const renamed = best.map((entry) => classes.find((each) => entry !== null && toKey(each) === entry[0]));
  if (renamed.includes(undefined) || new Set(renamed).size !== classes.length) return;
  const better = best.reduce((sum, entry) => sum + (entry?.[1] ?? 0), 0);
  if (better / rows < 0.6 || (better - hits) / rows < DOUBT) return;
  throw new ImportRefusal(
    'classes_required',
    `with the classes in sorted order only ${toPercent(hits / rows)} of the rows are answered as the label column says; in the order ${echoList(renamed, 12)} it would be ${toPercent(better / rows)}. Give "classes": [...] in the manifest, in the order of training.`,
  );
}
