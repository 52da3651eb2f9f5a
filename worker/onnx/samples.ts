// Rows of the training data as a caller would send them, with what the label column says about each.
import { LIMITS } from '../limits.ts';
import { IssueList } from '../pipeline/issues.ts';
import type { Feature, Manifest, Preprocess, Scalar } from '../pipeline/manifest.ts';
import { countPlaces } from '../pipeline/places.ts';
import type { RawScalar, Row } from '../pipeline/row.ts';
import { createFeedPlan, toFeeds } from '../pipeline/tensor.ts';
import { findNumber, type Table } from './csv.ts';
import { toValue } from './features.ts';
import { ImportRefusal } from './refusal.ts';
import { type Column, isMissing, toScalar } from './training.ts';

export interface Sample {
  readonly row: Row;
  /** The label's values; null where the row has none. */
  readonly truth: readonly Scalar[] | null;
}

/** Rows of a test run: enough to judge accuracy. */
const MAX_SAMPLES = 256;
/** Multiplications of a whole test run: an import must end within seconds. */
const TRIAL_WORK = 5e9;

/** @param work the cost of one row. */
export function getSampleCount(work: number): number {
  return Math.max(2, Math.min(MAX_SAMPLES, Math.floor(TRIAL_WORK / Math.max(1, work))));
}

/** @throws ImportRefusal csv_invalid where no row of the table can be fed. */
export function getSamples(
  manifest: Pick<Manifest, 'features' | 'inputs' | 'batch' | 'label'>,
  table: Table,
  sources: ReadonlyMap<string, Column>,
  labels: readonly Column[],
  count: number,
): Sample[] {
  const samples = spread(table.rows, count).map((cells): Sample => {
    const row = manifest.features.map((feature) => readCell(cells, feature, sources, table.decimalComma));
    const truth = labels.map((label) => cells[label.index] ?? '');
    const isMadeUp = manifest.features.some(({ type }) => type === 'image');
    const known = !isMadeUp && truth.length > 0 && truth.every((cell) => !isMissing(cell));
    return {
      row,
      truth: known ? truth.map((cell, i) => toScalar(cell, labels[i] ?? { kind: 'string' }, table.decimalComma)) : null,
    };
  });
  return keepValid(manifest, samples, table);
}

function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)] as T);
}

function readCell(
  cells: readonly string[],
  feature: Feature,
  sources: ReadonlyMap<string, Column>,
  decimalComma: boolean,
): RawScalar | Float32Array | undefined {
  if (feature.preprocess !== undefined) return makeImage(feature, feature.preprocess, 0);
  const column = sources.get(feature.name);
  if (column === undefined) return undefined;
  return toValue(cells[column.index] ?? '', feature.type, decimalComma);
}

/** Windows of a raw series; what follows each is its truth. */
export function getWindows(table: Table, column: Column, length: number, horizon: number, count: number): Sample[] {
  const values = table.rows.map((cells) => findNumber(cells[column.index] ?? '', table.decimalComma));
  const starts = Array.from({ length: Math.max(0, values.length - length + 1) }, (_, i) => i);
  return spread(starts, count).flatMap((start): Sample[] => {
    const window = values.slice(start, start + length);
    if (window.includes(null)) return [];
    const next = values.slice(start + length, start + length + horizon);
    const known = next.length === horizon && !next.includes(null);
    return [{ row: [window], truth: known ? next.map(Number) : null }];
  });
}

function keepValid(
  manifest: Pick<Manifest, 'features' | 'inputs' | 'batch' | 'label'>,
  samples: readonly Sample[],
  table: Table,
): Sample[] {
  const plan = createFeedPlan({ ...manifest, manifest_version: 1, task: 'regression', output: {} });
  let first: string | null = null;
  const valid = samples.filter(({ row }) => {
    const issues = new IssueList();
    toFeeds(plan, [row], 1, issues);
    first ??= issues.listed[0]?.message ?? null;
    return issues.count === 0;
  });
  if (valid.length === 0 && table.rows.length > 0) {
    throw new ImportRefusal(
      'csv_invalid',
      `no row of the CSV can be fed to the model: ${first ?? 'the values do not fit'}`,
    );
  }
  return valid;
}

/** Values as of some image: no CSV holds one. */
function makeImage(feature: Feature, { scale, offset }: Preprocess, seed: number): Float32Array {
  return Float32Array.from({ length: countPlaces(feature) }, (_, i) => ((i * 37 + seed * 101) % 256) * scale + offset);
}

/** Rows for a model that came without data: numbers that most graphs accept. */
export function getBlankSamples(features: readonly Feature[]): Sample[] {
  return [0, 1].map((number) => {
    const row = features.map((feature): RawScalar | RawScalar[] | Float32Array => {
      if (feature.preprocess !== undefined) return makeImage(feature, feature.preprocess, number);
      const value =
        feature.encoding?.[0]?.[0] ??
        (feature.type === 'string' ? 'a' : feature.type === 'boolean' ? number === 1 : number);
      return feature.length === undefined
        ? value
        : new Array<RawScalar>(Math.min(feature.length, LIMITS.CHUNK_ELEMENTS)).fill(value);
    });
    return { row, truth: null };
  });
}
