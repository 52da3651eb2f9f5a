// The corpus of real exports beside the repository: its cases, and what their owners would have to say about them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RawValue } from '../../worker/pipeline/row.ts';

export interface CaseRow {
  input: Record<string, RawValue>;
  expected: { prediction: unknown; probability?: number[]; model_output?: unknown };
  tolerance?: Tolerance;
}

export interface Tolerance {
  abs: number;
  rel: number;
}

export interface CorpusCase {
  name: string;
  task: 'classification' | 'regression' | 'forecasting';
  kind: 'table' | 'image';
  label: string | string[] | null;
  features: string[];
  classes: (string | number)[] | null;
  onnx: { inputs: { name: string; dtype: string }[]; ops: string[] };
  extra?: { class_order_not_sorted?: boolean; unused_columns?: string[] } & Record<string, unknown>;
  rows: CaseRow[];
  tolerance: Tolerance;
}

export interface Case extends CorpusCase {
  folder: string;
  model: Uint8Array;
  csv: Uint8Array | undefined;
}

/** The corpus where there is one. */
export const CORPUS_ROOT = process.env.POSTERN_CORPUS ?? join(import.meta.dirname, '../../../shared/corpus');

/** The few of them that came with the repository. */
export const FIXTURES_ROOT = join(import.meta.dirname, '../fixtures/corpus');

/** @returns the names of the cases in alphabetical order; none where the corpus is absent. */
export function findCases(root: string = CORPUS_ROOT): string[] {
  const folder = join(root, 'cases');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'case.json')))
    .sort();
}

export function readCase(name: string, root: string = CORPUS_ROOT): Case {
  const folder = join(root, 'cases', name);
  const parsed = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as CorpusCase;
  const csv = join(folder, 'train.csv');
  return {
    ...parsed,
    name,
    folder,
    model: new Uint8Array(readFileSync(join(folder, 'model.onnx'))),
    csv: existsSync(csv) ? new Uint8Array(readFileSync(csv)) : undefined,
  };
}

export interface CaseOverrides {
  classes?: (string | number)[];
  task?: CorpusCase['task'];
}

/** What import cannot find out by itself: an order of classes that stands in no file. */
export function toOverrides({ extra, classes }: Pick<CorpusCase, 'extra' | 'classes'>): CaseOverrides {
  return extra?.class_order_not_sorted === true && classes !== null ? { classes } : {};
}

/** Everything an owner might say, needed or not: it must not hurt. */
export function toFullOverrides({ task, classes }: Pick<CorpusCase, 'task' | 'classes'>): CaseOverrides {
  return { task, ...(classes === null ? {} : { classes }) };
}
