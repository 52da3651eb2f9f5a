// What all answers so far have in common, in memory that does not grow with them. Pure but for the sums.
import type { PipelineSchema } from '../../../worker/contract.ts';
import type { Answers } from './answers.ts';
import { type Bin, createHistogram } from './histogram.ts';

const SHOWN_BINS = 24;

export type Summary = ClassSummary | NumberSummary;

export interface ClassSummary {
  readonly kind: 'classes';
  readonly rows: number;
  /** In the order of the pipeline's classes. `certainty`: the mean probability where the class was predicted. */
  readonly classes: readonly { readonly name: string; readonly count: number; readonly certainty: number | null }[];
}

export interface NumberSummary {
  readonly kind: 'numbers';
  readonly rows: number;
  readonly isForecast: boolean;
  readonly unit: string | null;
  readonly columns: readonly NumberColumn[];
  /** Of a single column. */
  readonly bins: readonly Bin[];
}

export interface NumberColumn {
  readonly name: string;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

export interface SummaryBuilder {
  add(answers: Answers): void;
  toSummary(): Summary;
}

export function createSummary(schema: PipelineSchema): SummaryBuilder {
  return schema.task === 'classification' ? createClassSummary(schema) : createNumberSummary(schema);
}

function createClassSummary({ classes }: PipelineSchema): SummaryBuilder {
  const names = (classes ?? []).map(String);
  const found = new Map(names.map((name) => [name, { count: 0, probability: 0 }]));
  let rows = 0;
  let isProbable = false;
  return {
    add({ columns, cells }) {
      isProbable ||= columns.length > 1;
      for (const line of cells) {
        const name = line[0] ?? '';
        const seen = found.get(name) ?? { count: 0, probability: 0 };
        found.set(name, seen);
        seen.count += 1;
        seen.probability += Number(line[names.indexOf(name) + 1] ?? 0);
        rows += 1;
      }
    },
    toSummary: () => ({
      kind: 'classes',
      rows,
      classes: [...found].map(([name, { count, probability }]) => ({
        name,
        count,
        certainty: isProbable && count > 0 ? probability / count : null,
      })),
    }),
  };
}

function createNumberSummary({ task, unit, label }: PipelineSchema): SummaryBuilder {
  let columns: { name: string; min: number; max: number; sum: number }[] = [];
  const histogram = createHistogram();
  let rows = 0;
  return {
    add(answers) {
      if (columns.length === 0) {
        columns = answers.columns.map((name) => ({ name: nameOf(name, label), min: Infinity, max: -Infinity, sum: 0 }));
      }
      for (const [i, column] of columns.entries()) {
        for (const line of answers.cells) {
          const value = Number(line[i]);
          if (value < column.min) column.min = value;
          if (value > column.max) column.max = value;
          column.sum += value;
        }
      }
      rows += answers.cells.length;
      if (columns.length === 1) histogram.add(answers.cells.map(([cell]) => Number(cell)));
    },
    toSummary: () => ({
      kind: 'numbers',
      rows,
      isForecast: task === 'forecasting' && columns.length > 1,
      unit: unit ?? null,
      columns: rows === 0 ? [] : columns.map(({ name, min, max, sum }) => ({ name, min, max, mean: sum / rows })),
      bins: histogram.toBins(SHOWN_BINS),
    }),
  };
}

/** The API calls a single number `prediction`; its label says more. */
function nameOf(column: string, label: PipelineSchema['label']): string {
  const [only, ...more] = [label ?? []].flat();
  return column === 'prediction' && only !== undefined && more.length === 0 ? only : column;
}
