// The agreement of a test run with the label column, and what it means to somebody who reads it.
import type { ImportReport } from '../../../worker/contract.ts';
import { toCount, toNumber } from './words.ts';

type Agreement = NonNullable<NonNullable<ImportReport['test_run']>['agreement']>;

export interface Metric {
  /** "accuracy" or "R²" */
  readonly name: string;
  /** "0.97" */
  readonly value: string;
  readonly meaning: string;
  /** null: nothing to worry about. */
  readonly warning: string | null;
  /** What a guess without a model reaches, 0 to 1, where that is known. */
  readonly baseline: number | null;
  readonly share: number;
}

export function findMetric(report: ImportReport): Metric | null {
  const agreement = report.test_run?.agreement;
  return agreement == null ? null : toMetric(agreement);
}

function toMetric(agreement: Agreement): Metric {
  const { metric, value, rows } = agreement;
  const warning = typeof agreement.warning === 'string' ? agreement.warning : null;
  const of = toCount(rows, 'row');
  if (metric === 'accuracy') {
    const majority = typeof agreement.majority === 'number' ? agreement.majority : null;
    const compared =
      majority === null
        ? ''
        : ` Always answering the most frequent class would reach ${majority.toFixed(2)}, the mark on the bar.`;
    return {
      name: 'accuracy',
      value: toFloor(value),
      meaning: `${toPercent(value)} of ${of} of your CSV are answered as its label column says.${compared}`,
      warning,
      baseline: majority,
      share: value,
    };
  }
  const rmse = typeof agreement.rmse === 'number' ? ` A typical answer is off by ${toNumber(agreement.rmse, 3)}.` : '';
  return {
    name: 'R²',
    value: toFloor(value),
    meaning: `The share of the label's variation over ${of} of your CSV that the answers explain; 1 is all of it, 0 no better than the mean.${rmse}`,
    warning,
    baseline: null,
    share: Math.max(0, value),
  };
}

/** Two digits, never rounded up to a perfect 1. */
function toFloor(value: number): string {
  return value >= 0.995 && value < 1 ? (Math.floor(value * 1000) / 1000).toFixed(3) : value.toFixed(2);
}

function toPercent(share: number): string {
  return `${share < 1 && share >= 0.9995 ? '99.9' : Number((share * 100).toFixed(1))} %`;
}
