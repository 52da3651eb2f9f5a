// The features and the inputs they fill: from the training data where there is some, else from the graph alone.
import { LIMITS } from '../limits.ts';
import type { Feature, Input, Manifest } from '../pipeline/manifest.ts';
import { assignColumns, type ColumnHints } from './columns.ts';
import type { Table } from './csv.ts';
import { type FeatureContext, toBareFeature, toFeature } from './features.ts';
import type { InputSpec, Inputs } from './inputs.ts';
import { type ManifestOverrides, mergeFeature } from './overrides.ts';
import { echo, echoList, ImportRefusal } from './refusal.ts';
import { findSeries } from './series.ts';
import { type Column, isMissing } from './training.ts';

export interface Layout {
  readonly features: Feature[];
  readonly inputs: Input[];
  readonly batch: Manifest['batch'];
  /** Feature name → the column it was read from. */
  readonly sources: ReadonlyMap<string, Column>;
  readonly unused: readonly string[];
  readonly series: Column | null;
}

/** Without training data: one feature per place, named by the graph, by the owner or by a number. */
export function getGraphLayout(
  { specs, batch }: Inputs,
  overrides: ManifestOverrides,
  names: readonly string[],
  missingHandled: boolean,
  notes: string[],
): Layout {
  const stated = overrides.features?.map(({ name }) => name) ?? [];
  const total = specs.reduce<number | null>(
    (sum, { width }) => (sum === null || width === null ? null : sum + width),
    0,
  );
  const features: Feature[] = [];
  const known = new Set<string>();
  let at = 0;
  const inputs = specs.map((spec): Input => {
    const given = overrides.inputs?.find(({ name }) => name === spec.name)?.features;
    const mapped = overrides.features?.find(({ input }) => input === spec.name)?.name;
    const width =
      spec.width ??
      (given?.length || (specs.length === 1 && stated.length) || (specs.length === 1 && names.length) || null);
    if (width === null || width === 0) {
      throw new ImportRefusal(
        'columns_required',
        `the input ${echo(spec.name)} does not say how many columns it takes. Upload the training CSV, or name them in the manifest: "features": [{"name": …}, …].`,
      );
    }
    at += width;
    if (at > LIMITS.FEATURES) {
      throw new ImportRefusal(
        'too_complex',
        `the model takes ${at} values a row, of which each would be a feature; the limit is ${LIMITS.FEATURES}. Reduce them before the model.`,
      );
    }
    const own =
      given ??
      (mapped === undefined
        ? nameColumns(spec, width, at - width, stated, names, total ?? width, specs.length)
        : [mapped]);
    const described = own.map((name) => mergeFeature(toBareFeature(name, spec.dtype, missingHandled), overrides));
    features.push(...described.filter(({ name }) => !known.has(name)));
    for (const name of own) known.add(name);
    return toInput(spec, described);
  });
  if (specs.some(({ width }) => width !== 1) && names.length === 0 && stated.length === 0) {
    notes.push(
      'Without training data the features are numbered. Upload the CSV, or state "features" in the manifest, to name them.',
    );
  }
  return { features, inputs, batch, sources: new Map(), unused: [], series: null };
}

function nameColumns(
  spec: InputSpec,
  width: number,
  at: number,
  stated: readonly string[],
  names: readonly string[],
  total: number,
  inputs: number,
): string[] {
  const source = stated.length === total ? stated : names.length === total ? names : null;
  if (source !== null && (inputs === 1 || width > 1 || source === names)) return source.slice(at, at + width);
  if (width === 1) return [spec.name];
  const stem = inputs === 1 ? 'feature' : spec.name;
  return Array.from({ length: width }, (_, i) => `${stem}_${i + 1}`);
}

export function getTableLayout(
  { specs, batch }: Inputs,
  table: Table,
  columns: readonly Column[],
  labels: readonly Column[],
  overrides: ManifestOverrides,
  context: FeatureContext,
  notes: string[],
): Layout {
  const hints = getHints(specs, overrides);
  const series = hints.inputs.size === 0 ? findSeries(specs, columns, labels) : null;
  const [spec] = specs;
  if (series !== null && spec !== undefined)
    return getSeriesLayout(spec, batch, columns, series, overrides, context, notes);
  const others = columns.filter((column) => !labels.includes(column));
  const assignment = assignColumns(specs, others, hints, notes);
  const features = new Map<string, Feature>();
  const inputs = specs.map((each): Input => {
    const own = (assignment.columns.get(each.name) ?? []).map((column) => {
      const feature = mergeFeature(toFeature(column, each.dtype, hints.encoded.has(column.name), context), overrides);
      features.set(column.name, feature);
      return feature;
    });
    return toInput(each, own);
  });
  const ordered = columns.flatMap(({ name }) => features.get(name) ?? []);
  const unused = assignment.unused.map(({ name }) => name);
  if (unused.length > 0)
    notes.push(`The model does not use ${unused.length === 1 ? 'the column' : 'the columns'} ${echoList(unused)}.`);
  const gaps = ordered.filter(
    ({ optional, name }) =>
      optional !== true && others.some((column) => column.name === name && hasGaps(column, table)),
  );
  if (gaps.length > 0)
    notes.push(
      `${echoList(gaps.map(({ name }) => name))} has empty cells in the CSV, but the model takes whole numbers or booleans there: requests must give a value.`,
    );
  return {
    features: ordered,
    inputs,
    batch,
    sources: new Map(columns.map((column) => [column.name, column])),
    unused,
    series: null,
  };
}

function hasGaps({ kind, index, missing }: Column, table: Table): boolean {
  return missing > 0 && kind !== 'string' && table.rows.some((row) => isMissing(row[index] ?? ''));
}

function getHints(specs: readonly InputSpec[], overrides: ManifestOverrides): ColumnHints {
  const inputs = new Map<string, readonly string[]>();
  for (const { name, features } of overrides.inputs ?? []) {
    if (!specs.some((spec) => spec.name === name)) {
      throw new ImportRefusal(
        'manifest_invalid',
        `the manifest names an input ${echo(name)}; the model's inputs are ${echoList(specs.map((spec) => spec.name))}.`,
      );
    }
    inputs.set(name, features);
  }
  for (const { name, input } of overrides.features ?? [])
    if (input !== undefined && !inputs.has(input)) inputs.set(input, [name]);
  const encoded = new Set(
    (overrides.features ?? []).filter(({ encoding }) => encoding !== undefined).map(({ name }) => name),
  );
  return { inputs, encoded, features: new Set((overrides.features ?? []).map(({ name }) => name)) };
}

function getSeriesLayout(
  spec: InputSpec,
  batch: Manifest['batch'],
  columns: readonly Column[],
  series: Column,
  overrides: ManifestOverrides,
  context: FeatureContext,
  notes: string[],
): Layout {
  const length = spec.width ?? 0;
  const {
    optional: _,
    example: __,
    ...plain
  } = toFeature(series, spec.dtype, false, { ...context, missingHandled: false });
  const values = [...series.distinct.keys()].slice(0, 1);
  const feature = mergeFeature({ ...plain, length }, overrides);
  notes.push(
    `The CSV was taken to be a raw series: a request gives the last ${length} values of ${echo(series.name)}, oldest first.`,
  );
  return {
    features: [feature],
    inputs: [toInput(spec, [feature])],
    batch,
    sources: new Map([[series.name, series]]),
    unused: values.length === 0 ? [] : columns.filter((column) => column !== series).map(({ name }) => name),
    series,
  };
}

/** Open axes beside the batch get the size that the features leave. */
function toInput({ name, dtype, shape }: InputSpec, features: readonly Feature[]): Input {
  return {
    name,
    dtype,
    shape: fillShape(
      shape,
      features.reduce((sum, { length }) => sum + (length ?? 1), 0),
    ),
    features: features.map((feature) => feature.name),
  };
}

function fillShape(shape: readonly (number | null)[], width: number): (number | null)[] {
  const open = shape.flatMap((size, axis) => (size === null && axis > 0 ? [axis] : []));
  const known = shape.slice(1).reduce<number>((product, size) => product * (size ?? 1), 1);
  return shape.map((size, axis) => (axis === open[0] ? width / known : axis > 0 && size === null ? 1 : size));
}
