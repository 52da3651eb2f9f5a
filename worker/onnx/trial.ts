// The test run of an import: rows of the training data through the loaded model. Where missing cells make NaN of the
// answer, the features concerned are required after all.
import type { Feature, Manifest } from '../pipeline/manifest.ts';
import { getCandidates } from './candidates.ts';
import type { Table } from './csv.ts';
import type { OnnxModel } from './graph.ts';
import type { Layout } from './layout.ts';
import { toLoadRefusal } from './load.ts';
import type { ManifestOverrides } from './overrides.ts';
import { echo, echoList, ImportRefusal } from './refusal.ts';
import type { ZipMap } from './rewrite.ts';
import { type LoadModel, runRows, type TestRun } from './run.ts';
import { getBlankSamples, getSampleCount, getSamples, getWindows, type Sample } from './samples.ts';
import type { Column } from './training.ts';

export type Shape = Pick<Manifest, 'features' | 'inputs' | 'batch' | 'label'>;

export interface Trial {
  readonly model: OnnxModel;
  /** The bytes to load. */
  readonly served: Uint8Array;
  readonly zipMaps: readonly ZipMap[];
  readonly layout: Layout;
  readonly table: Table | null;
  readonly labels: readonly Column[];
  readonly load: LoadModel | undefined;
  /** The cost of running one row. */
  readonly work: number;
}

export interface TrialResult {
  readonly features: Feature[];
  readonly samples: readonly Sample[];
  /** null: nothing was run. */
  readonly run: TestRun | null;
}

/** @throws ImportRefusal where the engine refuses the model, or the model its own training data. */
export function runTrial(trial: Trial, shape: Shape, overrides: ManifestOverrides, notes: string[]): TrialResult {
  const samples = getTrialSamples(trial, shape);
  const run = runOnce(trial, shape, samples, notes);
  const intolerant = run === null ? [] : findIntolerant(shape.features, samples, run, overrides);
  if (intolerant.length === 0) return { features: shape.features, samples, run };
  notes.push(
    `The model answers NaN where ${echoList(intolerant)} is missing, so requests must give a value; rows of the CSV without it were left out.`,
  );
  const features = shape.features.map((feature): Feature => {
    if (!intolerant.includes(feature.name)) return feature;
    const { optional: _, ...required } = feature;
    return required;
  });
  const stricter = { ...shape, features };
  const complete = getTrialSamples(trial, stricter);
  return { features, samples: complete, run: runOnce(trial, stricter, complete, []) };
}

export function getTrialSamples({ work, layout, table, labels }: Trial, shape: Shape, horizon = 1): Sample[] {
  const isImage = shape.features.some(({ type }) => type === 'image');
  const count = isImage ? 2 : getSampleCount(work);
  if (table === null || table.rows.length === 0) return getBlankSamples(shape.features);
  if (layout.series === null) return getSamples(shape, table, layout.sources, labels, count);
  const windows = getWindows(table, layout.series, shape.features[0]?.length ?? 1, horizon, count);
  if (windows.length > 0) return windows;
  throw new ImportRefusal(
    'columns_mismatch',
    `the model takes a window of ${shape.features[0]?.length} values; the series ${echo(layout.series.name)} has no such stretch without gaps.`,
  );
}

function runOnce(
  { model, served, zipMaps, table, load }: Trial,
  shape: Shape,
  samples: readonly Sample[],
  notes: string[],
): TestRun | null {
  if (load === undefined) return null;
  const names = getCandidates(model, zipMaps, null).map(({ name }) => name);
  let session: ReturnType<LoadModel>;
  try {
    session = load(served);
  } catch (error) {
    throw toLoadRefusal(error);
  }
  try {
    const rows = samples.map(({ row }) => row);
    const run = runRows(session, shape, rows, names);
    notes.push(...run.notes);
    return run;
  } catch (error) {
    // Without training data the rows are made up, and a model may well refuse them.
    if (table !== null || !(error instanceof ImportRefusal) || error.reason !== 'run_failed') throw error;
    notes.push('The model refused the made-up rows of the test run. Upload the training CSV to test it.');
    return null;
  } finally {
    session.release();
  }
}

/** Optional features without which no row is answered with numbers. */
function findIntolerant(
  features: readonly Feature[],
  samples: readonly Sample[],
  { outputs }: TestRun,
  overrides: ManifestOverrides,
): string[] {
  const failed = samples.map((_, r) =>
    [...outputs.values()].some(({ width, values }) =>
      values.slice(r * width, (r + 1) * width).some((value) => typeof value === 'number' && !Number.isFinite(value)),
    ),
  );
  return features.flatMap(({ name, optional }, i) => {
    const stated = overrides.features?.find((feature) => feature.name === name)?.optional;
    if (optional !== true || stated !== undefined) return [];
    const missing = samples.flatMap(({ row }, r) => (row[i] === null || row[i] === undefined ? [failed[r]] : []));
    return missing.length > 0 && missing.every(Boolean) ? [name] : [];
  });
}
