// importModel: an ONNX file and the data it was trained on → a manifest, the bytes to serve and an honest report, or a
// refusal that says what to do. Pure: the engine comes in as `load`.
import { LIMITS } from '../limits.ts';
import type { Manifest } from '../pipeline/manifest.ts';
import { countPlaces } from '../pipeline/places.ts';
import { checkBounds } from './bounds.ts';
import { getCandidates } from './candidates.ts';
import { checkModel, eachNode } from './check.ts';
import { parseCsv, type Table } from './csv.ts';
import { getWords, handlesMissing } from './features.ts';
import { type OnnxModel, toOperatorName } from './graph.ts';
import { addImages, findFileColumn } from './image-layout.ts';
import { getInputs, type Inputs } from './inputs.ts';
import { guessLabel } from './label.ts';
import { getGraphLayout, getTableLayout, type Layout } from './layout.ts';
import { decide, getHorizon, toManifest } from './manifest.ts';
import { findMetadataNames } from './metadata.ts';
import { type ManifestOverrides, parseOverrides } from './overrides.ts';
import { parseModel } from './parse.ts';
import { pruneGraph } from './prune.ts';
import { echo, echoList, ImportRefusal } from './refusal.ts';
import { type Golden, type ImportReport, judge } from './report.ts';
import { addFloatOutput, findZipMaps } from './rewrite.ts';
import { checkNotAllNaN, type LoadModel } from './run.ts';
import { checkIsOnnx } from './sniff.ts';
import { type Column, getColumns, getLabelColumns } from './training.ts';
import { getTrialSamples, runTrial, type Trial } from './trial.ts';

/** A graph of so many nodes has nothing to optimise. */
const SMALL_GRAPH_NODES = 2;

export interface ImportOptions {
  /** The training data. */
  readonly csv?: Uint8Array | undefined;
  readonly label?: string | string[] | undefined;
  /** A partial manifest that wins over what is found; checked here, so anything may be passed. */
  readonly overrides?: ManifestOverrides | undefined;
  /** Loads a model into an engine; without it nothing is run. */
  readonly load?: LoadModel | undefined;
}

export interface ImportResult {
  manifest: Manifest;
  /** What is to be served: the file as it came, or without what no answer needs. */
  model: Uint8Array;
  report: ImportReport;
  /** Whether the engine should optimise the graph when it loads it (ModelReference). */
  optimise: boolean;
  /** Rows and their answers, to check a loaded model against. */
  golden: Golden[];
}

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
  const images = inputs.specs.filter(({ image }) => image !== null);
  const tables = { ...inputs, specs: inputs.specs.filter(({ image }) => image === null) };
  const files = images.length === 1 ? findFileColumn(data.columns, labels) : null;
  const columns = data.columns.filter((column) => column !== files);
  const place = addImages({ graph: model.graph, inputs, columns, labels, files, overrides, notes });
  const found = place((stated) =>
    data.table === null
      ? getGraphLayout(tables, stated, findMetadataNames(model.metadata), context.missingHandled, notes)
      : getTableLayout(tables, data.table, columns, labels, stated, context, notes),
  );
  checkNamed(found, overrides);
  checkWidth(found);
  const layout = { ...found, features: toStatedOrder(found.features, overrides) };
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
  const pruned = pruneGraph(served, model, getTensors(manifest));
  return {
    manifest,
    model: pruned.bytes,
    report: {
      task: manifest.task,
      features: manifest.features,
      label: manifest.label ?? null,
      classes: manifest.classes ?? null,
      unused_columns: [...layout.unused],
      operators: [...new Set([...eachNode(model)].map(toOperatorName))].sort(),
      opsets: Object.fromEntries([...model.opsets].map(([domain, version]) => [domain || 'ai.onnx', version])),
      producer: model.producer.slice(0, LIMITS.NAME_CHARACTERS),
      size_bytes: pruned.bytes.length,
      memory_estimate_bytes: cost.memoryBytes,
      changes: [
        ...zipMaps.map(
          ({ output, tensor }) =>
            `ZipMap cut: ${echo(output)} was a list of maps, its probabilities are read from ${echo(tensor)} instead.`,
        ),
        ...(pruned.removed <= zipMaps.length
          ? []
          : [`${pruned.removed - zipMaps.length} nodes left out that no answer needs.`]),
      ],
      notes:
        run === null
          ? [...notes, 'The model was not test-run: what its outputs hold was decided by its graph alone.']
          : notes,
      test_run: run === null ? null : { rows: samples.length, agreement: judged.agreement },
    },
    optimise: model.graph.nodes.length - pruned.removed > SMALL_GRAPH_NODES,
    // An image of a test run is made up: what is kept must be what a caller can send.
    golden: images.length === 0 ? judged.golden : [],
  };
}

function getTensors({ output }: Manifest): string[] {
  return [output.label?.tensor, ...(output.probability?.tensors ?? []), ...(output.value?.tensors ?? [])].filter(
    (name) => name !== undefined,
  );
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

/** Whoever states all features, as an exported manifest does, states their order as well. */
function toStatedOrder(features: Layout['features'], overrides: ManifestOverrides): Layout['features'] {
  const order = new Map(overrides.features?.map(({ name }, place) => [name, place]));
  const placeOf = ({ name }: { name: string }): number => order.get(name) ?? -1;
  return order.size < features.length ? features : [...features].sort((a, b) => placeOf(a) - placeOf(b));
}

/** Before rows are made up of so many values. */
function checkWidth({ features }: Layout): void {
  const width = features.reduce((sum, feature) => sum + countPlaces(feature), 0);
  if (width <= LIMITS.ROW_ELEMENTS) return;
  throw new ImportRefusal('too_large', `a row of it holds ${width} numbers, the limit is ${LIMITS.ROW_ELEMENTS}.`);
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
  const guessed = guessLabel(
    inputs.specs.filter(({ image }) => image === null),
    columns,
  );
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
  const rowElements = layout.features.reduce((sum, feature) => sum + countPlaces(feature), 0);
  try {
    checkBounds(model, Math.max(1, Math.min(LIMITS.CHUNK_ROWS, Math.floor(LIMITS.CHUNK_ELEMENTS / rowElements))));
    return batch;
  } catch (error) {
    if (!(error instanceof ImportRefusal)) throw error;
    notes.push('The model makes much of each row, so rows are run one by one: many at once would not fit in memory.');
    return 'single';
  }
}
