// importModel: an ONNX file and the data it was trained on → a manifest, the bytes to serve and an honest report, or a
// refusal that says what to do. Pure: the engine comes in as `load`.
import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { type Feature, type Manifest, manifestSchema, type Scalar } from '../pipeline/manifest.ts';
import type { RawValue } from '../pipeline/row.ts';
import { type Agreement, type Answered, checkClassOrder, getAgreement, toAnswered } from './agreement.ts';
import { checkBounds } from './bounds.ts';
import { type Candidate, type Decision, getCandidates } from './candidates.ts';
import { checkModel, eachNode } from './check.ts';
import { parseCsv, type Table } from './csv.ts';
import { getWords, handlesMissing } from './features.ts';
import { isForecast } from './forecast.ts';
import { type OnnxModel, toOperatorName } from './graph.ts';
import { getInputs, type Inputs } from './inputs.ts';
import { guessLabel } from './label.ts';
import { getGraphLayout, getTableLayout, type Layout } from './layout.ts';
import { findMetadataNames } from './metadata.ts';
import { decideOutputs } from './outputs.ts';
import { type ManifestOverrides, parseOverrides } from './overrides.ts';
import { parseModel } from './parse.ts';
import { echo, echoList, ImportRefusal } from './refusal.ts';
import { addFloatOutput, findZipMaps, type ZipMap } from './rewrite.ts';
import { checkFinite, checkNotAllNaN, type LoadModel, type TestRun } from './run.ts';
import type { Sample } from './samples.ts';
import { checkIsOnnx } from './sniff.ts';
import { type Column, getColumns, getLabelColumns } from './training.ts';
import { getTrialSamples, runTrial, type Shape, type Trial } from './trial.ts';

export interface ImportOptions {
  /** The training data. */
  readonly csv?: Uint8Array | undefined;
  readonly label?: string | string[] | undefined;
  /** A partial manifest that wins over what is found; checked here, so anything may be passed. */
  readonly overrides?: ManifestOverrides | undefined;
  /** Loads a model into an engine; without it nothing is run. */
  readonly load?: LoadModel | undefined;
}

export interface ImportReport {
  task: Manifest['task'];
  features: Feature[];
  label: string | string[] | null;
  classes: Scalar[] | null;
  /** Columns of the CSV that the model does not take. */
  unused_columns: string[];
  operators: string[];
  opsets: Record<string, number>;
  producer: string;
  size_bytes: number;
  memory_estimate_bytes: number;
  /** What was changed in the file. */
  changes: string[];
  /** Each guess, as a sentence. */
  notes: string[];
  /** null: nothing was run. */
  test_run: { rows: number; agreement: Agreement | null } | null;
}

export interface Golden {
  row: Record<string, RawValue>;
  answer: Answered;
}

export interface ImportResult {
  manifest: Manifest;
  /** What is to be served: the file as it came, or with ZipMap cut. */
  model: Uint8Array;
  report: ImportReport;
  /** Rows and their answers, to check a loaded model against. */
  golden: Golden[];
}

const GOLDEN_ROWS = 5;

/** @throws ImportRefusal */
export function importModel(bytes: Uint8Array, options: ImportOptions = {}): ImportResult {
  const overrides = parseOverrides(options.overrides);
  checkIsOnnx(bytes);
  const model = parseModel(bytes);
  checkModel(model);
  const cost = checkBounds(model);
  const zipMaps = findZipMaps(model.graph);
  const served = zipMaps.reduce((file, { tensor }) => addFloatOutput(file, model, tensor), bytes);
  const notes: string[] = [];
  const data = readData(model, options, overrides, notes);
  const inputs = getInputs(model.graph);
  const context = {
    missingHandled: handlesMissing(
      model,
      data.columns.some(({ kind, missing }) => kind === 'number' && missing > 0),
    ),
    decimalComma: data.table?.decimalComma ?? false,
    words: getWords(model),
  };
  const label = data.table === null ? data.labelNames : completeLabel(data, inputs, notes);
  const labels = data.table === null ? [] : getLabelColumns(data.columns, label);
  const layout =
    data.table === null
      ? getGraphLayout(inputs, overrides, findMetadataNames(model.metadata), context.missingHandled, notes)
      : getTableLayout(inputs, data.table, data.columns, labels, overrides, context, notes);
  checkNamed(layout, overrides);
  const wanted = overrides.batch ?? (usesBatchStatistics(model) ? toSingle(layout.batch, notes) : layout.batch);
  const batch = limitBatch(model, wanted, layout, notes);
  const shape = {
    features: layout.features,
    inputs: layout.inputs,
    batch,
    ...(label.length === 0 ? {} : { label: toLabel(label) }),
  };
  const trial: Trial = {
    model,
    served,
    zipMaps,
    layout,
    table: data.table,
    labels,
    load: options.load,
    work: cost.work,
  };
  const { features, samples, run } = runTrial(trial, shape, overrides, notes);
  const candidates = getCandidates(model, zipMaps, run?.outputs ?? null);
  for (const { name, produced } of candidates) if (produced !== null) checkNotAllNaN(name, produced, samples.length);
  const decision = decide({
    model,
    zipMaps,
    candidates,
    labels: labels.filter(({ kind }) => kind !== 'empty'),
    label,
    layout,
    overrides,
    decimalComma: context.decimalComma,
  });
  notes.push(...decision.notes);
  const manifest = toManifest({ ...shape, features, batch: run?.batch ?? batch }, decision, overrides, zipMaps);
  const windows = layout.series === null ? samples : getTrialSamples(trial, shape, getHorizon(candidates, manifest));
  const judged = judge(manifest, run, windows, decision);
  return {
    manifest,
    model: served,
    report: {
      task: manifest.task,
      features: manifest.features,
      label: manifest.label ?? null,
      classes: manifest.classes ?? null,
      unused_columns: [...layout.unused],
      operators: [...new Set([...eachNode(model)].map(toOperatorName))].sort(),
      opsets: Object.fromEntries([...model.opsets].map(([domain, version]) => [domain || 'ai.onnx', version])),
      producer: model.producer.slice(0, LIMITS.NAME_CHARACTERS),
      size_bytes: served.length,
      memory_estimate_bytes: cost.memoryBytes,
      changes: zipMaps.map(
        ({ output, tensor }) =>
          `ZipMap cut: ${echo(output)} was a list of maps, its probabilities are read from ${echo(tensor)} instead.`,
      ),
      notes:
        run === null
          ? [...notes, 'The model was not test-run: what its outputs hold was decided by its graph alone.']
          : notes,
      test_run: run === null ? null : { rows: samples.length, agreement: judged.agreement },
    },
    golden: judged.golden,
  };
}

/** A misspelt feature would be passed over in silence. */
function checkNamed({ features }: Layout, overrides: ManifestOverrides): void {
  const known = features.map(({ name }) => name);
  const unknown = (overrides.features ?? []).map(({ name }) => name).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new ImportRefusal(
    'manifest_invalid',
    `the manifest describes ${echoList(unknown)}, which the model does not take; its features are ${echoList(known)}.`,
  );
}

interface Data {
  readonly table: Table | null;
  readonly columns: readonly Column[];
  readonly labelNames: readonly string[];
}

function readData(
  model: OnnxModel,
  { csv, label }: ImportOptions,
  overrides: ManifestOverrides,
  notes: string[],
): Data {
  const labelNames = [overrides.label ?? label ?? []].flat().filter((name) => name !== '');
  if (csv === undefined) return { table: null, columns: [], labelNames };
  const table = parseCsv(csv);
  notes.push(...table.notes);
  if (table.count === 0) notes.push('The CSV holds names but no rows: types, ranges and examples are unknown.');
  if (model.graph.inputs.length === 0) return { table, columns: [], labelNames };
  return { table, columns: getColumns(table), labelNames };
}

function completeLabel({ columns, labelNames }: Data, inputs: Inputs, notes: string[]): readonly string[] {
  if (labelNames.length > 0) return labelNames;
  const guessed = guessLabel(inputs.specs, columns);
  if (guessed === null) return [];
  notes.push(`The column ${echo(guessed)} was taken to be the label. Give "label" if it is another.`);
  return [guessed];
}

function toLabel(names: readonly string[]): string | string[] {
  const [first] = names;
  return names.length === 1 && first !== undefined ? first : [...names];
}

/** Operators whose answer for a row depends on the other rows of its batch. */
function usesBatchStatistics(model: OnnxModel): boolean {
  for (const { op } of eachNode(model)) if (op.startsWith('DynamicQuantize')) return true;
  return false;
}

function toSingle(batch: Manifest['batch'], notes: string[]): Manifest['batch'] {
  if (batch !== 'dynamic') return batch;
  notes.push('The model is quantised dynamically, by the values of the whole batch: rows are run one by one.');
  return 'single';
}

/** A batch must fit as well as a row does: what the graph makes of each row may be large. */
function limitBatch(model: OnnxModel, batch: Manifest['batch'], layout: Layout, notes: string[]): Manifest['batch'] {
  if (batch !== 'dynamic') return batch;
  const rowElements = layout.features.reduce((sum, { length }) => sum + (length ?? 1), 0);
  try {
    checkBounds(model, Math.max(1, Math.min(LIMITS.CHUNK_ROWS, Math.floor(LIMITS.CHUNK_ELEMENTS / rowElements))));
    return batch;
  } catch (error) {
    if (!(error instanceof ImportRefusal)) throw error;
    notes.push('The model makes much of each row, so rows are run one by one: many at once would not fit in memory.');
    return 'single';
  }
}

function decide(question: {
  model: OnnxModel;
  zipMaps: readonly ZipMap[];
  candidates: readonly Candidate[];
  labels: readonly Column[];
  label: readonly string[];
  layout: Layout;
  overrides: ManifestOverrides;
  decimalComma: boolean;
}): Decision {
  const { model, zipMaps, candidates, labels, label, layout, overrides, decimalComma } = question;
  const forecast =
    layout.series !== null ||
    isForecast(
      model.graph,
      layout.features.map(({ name }) => name),
      label,
    );
  try {
    return decideOutputs({
      model,
      zipMaps,
      candidates,
      labels,
      labelNames: label,
      decimalComma,
      forecast,
      task:
        overrides.task ?? (overrides.output?.value === undefined ? undefined : forecast ? 'forecasting' : 'regression'),
      classes: overrides.classes,
    });
  } catch (error) {
    const { output, task, classes } = overrides;
    if (output === undefined || !(error instanceof ImportRefusal)) throw error;
    return {
      task: task ?? (output.value === undefined ? 'classification' : 'regression'),
      output,
      classes,
      source: classes === undefined ? 'none' : 'owner',
      notes: [],
    };
  }
}

function toManifest(
  shape: Shape,
  decision: Decision,
  overrides: ManifestOverrides,
  zipMaps: readonly ZipMap[],
): Manifest {
  const cut = (name: string) => zipMaps.find(({ output }) => output === name)?.tensor ?? name;
  const stated = overrides.output;
  const output =
    stated === undefined ? decision.output : { ...(stated.value === undefined ? decision.output : {}), ...stated };
  const probability =
    output.probability === undefined
      ? undefined
      : { ...output.probability, tensors: output.probability.tensors.map(cut) };
  const parsed = manifestSchema.safeParse({
    manifest_version: 1,
    task: decision.task,
    ...shape,
    ...(decision.task === 'classification' && decision.classes !== undefined ? { classes: decision.classes } : {}),
    output: { ...output, ...(probability === undefined ? {} : { probability }) },
  });
  if (parsed.success) return parsed.data;
  throw new ImportRefusal(
    'manifest_invalid',
    `the manifest that follows from the model does not fit: ${z.prettifyError(parsed.error).slice(0, 300)}`,
  );
}

function getHorizon(candidates: readonly Candidate[], manifest: Manifest): number {
  const names = manifest.output.value?.tensors ?? [];
  return Math.max(
    1,
    names.reduce((sum, name) => sum + (candidates.find((candidate) => candidate.name === name)?.width ?? 1), 0),
  );
}

function judge(
  manifest: Manifest,
  run: TestRun | null,
  samples: readonly Sample[],
  decision: Decision,
): { agreement: Agreement | null; golden: Golden[] } {
  if (run === null) return { agreement: null, golden: [] };
  const { label, probability, value } = manifest.output;
  for (const name of [
    ...(label === undefined ? [] : [label.tensor]),
    ...(probability?.tensors ?? []),
    ...(value?.tensors ?? []),
  ]) {
    const produced = run.outputs.get(name);
    if (produced === undefined) {
      throw new ImportRefusal(
        'unsupported_output',
        `the output ${echo(name)} does not hold one answer per row. The outputs are ${echoList([...run.outputs.keys()])}.`,
      );
    }
    checkFinite(name, produced, samples.length);
  }
  const answers = toAnswered(manifest, run.outputs, samples.length);
  const truths = samples.map(({ truth }) => truth);
  const agreement = getAgreement(manifest, answers, truths);
  if (decision.source === 'csv' && manifest.classes !== undefined) checkClassOrder(manifest.classes, answers, truths);
  const golden = answers.slice(0, GOLDEN_ROWS).map(
    (answer, r): Golden => ({
      row: Object.fromEntries(manifest.features.map(({ name }, i) => [name, samples[r]?.row[i]])),
      answer,
    }),
  );
  return { agreement, golden };
}
