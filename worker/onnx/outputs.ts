// What the graph answers: the tensors that hold the label, the probabilities or the values, and what makes
// probabilities of them. Decided by the nodes that make them and, where the model could be run, by its numbers.
import { LIMITS } from '../limits.ts';
import type { Manifest, Output, Scalar } from '../pipeline/manifest.ts';
import { areAmong, areIndexes, areSameClasses, findMetadataClasses, toKey } from './classes.ts';
import { findDtype, type OnnxModel } from './graph.ts';
import { simplify } from './names.ts';
import { echo, echoList, ImportRefusal } from './refusal.ts';
import type { ZipMap } from './rewrite.ts';
import type { Produced } from './run.ts';
import { Tracer } from './trace.ts';
import { type Column, getSortedValues } from './training.ts';

export interface Candidate {
  readonly name: string;
  readonly kind: 'number' | 'integer' | 'string' | 'bool';
  /** Values per row; null where it is not known. */
  readonly width: number | null;
  readonly produced: Produced | null;
}

export interface Question {
  readonly model: OnnxModel;
  readonly zipMaps: readonly ZipMap[];
  readonly candidates: readonly Candidate[];
  /** The label columns of the training data, where there is one and it was named. */
  readonly labels: readonly Column[];
  readonly labelNames: readonly string[];
  readonly decimalComma: boolean;
  readonly forecast: boolean;
  readonly task: Manifest['task'] | undefined;
  readonly classes: readonly Scalar[] | undefined;
}

export interface Decision {
  readonly task: Manifest['task'];
  readonly output: Output;
  readonly classes: Scalar[] | undefined;
  /** Where the order of the classes comes from; only the sorted label column is a guess. */
  readonly source: 'owner' | 'graph' | 'metadata' | 'csv' | 'none';
  readonly notes: readonly string[];
}

/** Outputs that can be read, the tensors behind ZipMap among them. */
export function getCandidates(
  model: OnnxModel,
  zipMaps: readonly ZipMap[],
  outputs: ReadonlyMap<string, Produced> | null,
): Candidate[] {
  const candidates: Candidate[] = [];
  for (const { name, type } of model.graph.outputs) {
    if (type.kind !== 'tensor') continue;
    const dtype = findDtype(type.elementType);
    if (dtype === null || zipMaps.some(({ output }) => output === name)) continue;
    const kind = dtype === 'string' || dtype === 'bool' ? dtype : dtype.startsWith('float') ? 'number' : 'integer';
    candidates.push({ name, kind, ...getWidth(type.shape, outputs, name) });
  }
  for (const { tensor, classes } of zipMaps) {
    if (candidates.some(({ name }) => name === tensor)) continue;
    const produced = outputs?.get(tensor) ?? null;
    candidates.push({ name: tensor, kind: 'number', width: produced?.width ?? (classes.length || null), produced });
  }
  if (candidates.length === 0) {
    throw new ImportRefusal(
      'unsupported_output',
      'the model answers sequences, maps or types that cannot be read (bfloat16, complex). Export it with tensors as outputs; scikit-learn: options={"zipmap": False}.',
    );
  }
  for (const { name, width } of candidates) {
    if (width !== null && width > LIMITS.OUTPUT_ELEMENTS_PER_ROW) {
      throw new ImportRefusal(
        'too_large',
        `the output ${echo(name)} holds ${width} numbers per row, the limit is ${LIMITS.OUTPUT_ELEMENTS_PER_ROW}.`,
      );
    }
  }
  return candidates;
}

function getWidth(
  shape: readonly (number | string | null)[] | null,
  outputs: ReadonlyMap<string, Produced> | null,
  name: string,
): Pick<Candidate, 'width' | 'produced'> {
  const produced = outputs?.get(name) ?? null;
  if (produced !== null) return { width: produced.width, produced };
  if (shape === null) return { width: null, produced };
  const perRow = shape.slice(1);
  const width = perRow.every((size) => typeof size === 'number')
    ? perRow.reduce<number>((product, size) => product * Number(size), 1)
    : null;
  return { width, produced };
}

const CLASSIFIERS = new Set(['TreeEnsembleClassifier', 'LinearClassifier', 'SVMClassifier', 'ZipMap']);
const INDEXERS = new Set(['ArgMax', 'TopK']);

/** @throws ImportRefusal where it cannot be known; the text says what to state in the manifest. */
export function decideOutputs(question: Question): Decision {
  const tracer = new Tracer(question.model.graph);
  const labelTensor = findLabelTensor(question, tracer);
  const task = question.task ?? guessTask(question, tracer, labelTensor);
  return task === 'classification'
    ? decideClassifier(question, tracer, labelTensor)
    : decideValues(
        question,
        task === 'forecasting' || (question.task === undefined && question.forecast) ? 'forecasting' : 'regression',
      );
}

/** An output that names a class: text, booleans, or one whole number per row. */
function findLabelTensor({ candidates }: Question, tracer: Tracer): Candidate | null {
  const labels = candidates.filter(({ kind, width }) => kind !== 'number' && (width ?? 1) === 1);
  return (
    labels.find(({ kind }) => kind === 'string') ??
    labels.find(({ name }) => tracer.findClasses(name) !== null) ??
    labels.find(({ name }) => tracer.comesFrom(name, INDEXERS)) ??
    labels.find(({ name }) => /label|class|pred/i.test(name)) ??
    labels[0] ??
    null
  );
}

function guessTask(
  { candidates, zipMaps, labels, classes, labelNames, forecast }: Question,
  tracer: Tracer,
  label: Candidate | null,
): Manifest['task'] {
  if (zipMaps.length > 0 || label?.kind === 'string' || classes !== undefined) return 'classification';
  if (candidates.some(({ name }) => tracer.comesFrom(name, CLASSIFIERS) && tracer.findClasses(name) !== null))
    return 'classification';
  const [column] = labels;
  const floats = candidates.filter(({ kind }) => kind === 'number');
  if (labelNames.length > 1) return 'regression';
  const text = column !== undefined && column.kind !== 'number';
  if (text) return 'classification';
  if (label !== null) {
    if (label.kind === 'bool' || tracer.comesFrom(label.name, INDEXERS)) return 'classification';
    if (column === undefined)
      return floats.length > 0 || /label|class/i.test(label.name) ? 'classification' : 'regression';
    if (column.integer && column.distinct.size <= 50) return 'classification';
    return 'regression';
  }
  if (forecast) return 'regression';
  return guessFloatTask(floats, column, tracer);
}

function guessFloatTask(floats: readonly Candidate[], column: Column | undefined, tracer: Tracer): Manifest['task'] {
  const distinct = column?.distinct.size ?? 0;
  for (const { name, width } of floats) {
    const making = tracer.getMaking(name);
    if ((making === 'probability' || making === 'log_probability') && (width ?? 2) > 1) return 'classification';
    if (making === 'sigmoid' && (column === undefined || (column.integer && distinct === 2))) return 'classification';
    if (column === undefined || !column.integer) continue;
    // As many numbers as the label has whole values, or whole values that count the numbers from 0.
    if (
      width !== null &&
      width > 1 &&
      distinct > 1 &&
      (distinct === width || (distinct < width && column.min >= 0 && column.max < width))
    )
      return 'classification';
    if (width === 1 && distinct === 2 && column.max - column.min <= 2) return 'classification';
  }
  const isLayer = ({ name, width }: Candidate) =>
    (width ?? 1) > 1 && (tracer.getMaking(name) === 'raw' || /logit|prob|class|score/i.test(name));
  if (column === undefined && floats.some(isLayer)) {
    throw new ImportRefusal(
      'task_required',
      'the model answers several numbers per row, which can be classes or values. Say which in the manifest: "task": "classification" with "classes": [...], or "task": "regression".',
    );
  }
  return 'regression';
}

function decideClassifier(question: Question, tracer: Tracer, labelTensor: Candidate | null): Decision {
  const notes: string[] = [];
  const floats = question.candidates.filter(({ kind, name }) => kind === 'number' && name !== labelTensor?.name);
  const graphClasses = findGraphClasses(question, tracer, labelTensor, floats);
  const found = findClasses(question, graphClasses, labelTensor, floats, tracer);
  const { classes } = found;
  if (found.note !== null) notes.push(found.note);
  if (classes !== undefined && classes.length > LIMITS.CLASSES) {
    throw new ImportRefusal('too_large', `the model has ${classes.length} classes, the limit is ${LIMITS.CLASSES}.`);
  }
  const label = labelTensor === null ? undefined : decideLabel(labelTensor, classes, graphClasses, tracer, notes);
  const probability =
    classes === undefined ? undefined : findProbability(question, floats, classes, labelTensor, tracer, notes);
  if (label === undefined && probability === undefined) {
    const widths = floats.map(({ name, width }) => `${echo(name)} ${width ?? '?'}`).join(', ');
    throw new ImportRefusal(
      'classes_required',
      `the model answers ${widths || 'no'} numbers per row, which does not fit ${classes === undefined ? 'unknown classes' : `${classes.length} classes (${echoList(classes)})`}. Give "classes": [...] in the manifest, all of them, in the order of training${question.task === undefined ? '; or "task": "regression"' : ''}.`,
    );
  }
  const output: Output = {
    ...(label === undefined ? {} : { label }),
    ...(probability === undefined ? {} : { probability }),
  };
  return { task: 'classification', output, classes, source: found.source, notes };
}

/** The classes as the graph itself counts them; for a model that was trained on 0…k-1 they are these numbers. */
function findGraphClasses(
  { zipMaps }: Question,
  tracer: Tracer,
  label: Candidate | null,
  floats: readonly Candidate[],
): Scalar[] | null {
  const zipped = zipMaps.find(({ classes }) => classes.length > 1)?.classes;
  if (zipped !== undefined) return [...zipped];
  if (label !== null) {
    const named = tracer.findClasses(label.name);
    if (named !== null) return named;
    if (label.kind === 'bool') return [false, true];
  }
  for (const { name } of floats) {
    const named = tracer.findClasses(name);
    if (named !== null) return named;
  }
  return null;
}

interface FoundClasses {
  readonly classes: Scalar[] | undefined;
  readonly source: Decision['source'];
  readonly note: string | null;
}

function findClasses(
  question: Question,
  graphClasses: Scalar[] | null,
  label: Candidate | null,
  floats: readonly Candidate[],
  tracer: Tracer,
): FoundClasses {
  const { classes, labels, decimalComma, model } = question;
  if (classes !== undefined) return { classes: [...classes], source: 'owner', note: null };
  const [column] = labels;
  const seen = column === undefined ? null : getSortedValues(column, decimalComma);
  if (graphClasses !== null) return toGraphClasses(graphClasses, seen);
  const named = findMetadataClasses(model.metadata);
  if (named !== null && (seen === null || areAmong(seen, named))) {
    return {
      classes: named,
      source: 'metadata',
      note: `The classes were read from the file's metadata: ${echoList(named)}.`,
    };
  }
  const widths = floats.map(({ width }) => width).filter((width) => width !== null);
  const sorted = 'The order of the classes was taken to be sorted, as encoders count them';
  if (seen !== null && seen.length > 1) {
    if (label !== null && floats.length === 0) {
      // A thresholded score answers the classes themselves, an argmax counts them.
      return { classes: seen, source: 'csv', note: `${sorted}: ${echoList(seen)}.` };
    }
    if (widths.includes(seen.length) || (seen.length === 2 && widths.includes(1)) || widths.length < floats.length) {
      return { classes: seen, source: 'csv', note: `${sorted}: ${echoList(seen)}.` };
    }
    const width = Math.max(0, ...widths);
    if (column?.kind === 'number' && column.integer && column.min >= 0 && column.max < width) {
      return {
        classes: Array.from({ length: width }, (_, i) => i),
        source: 'csv',
        note: `The classes were taken to be 0 to ${width - 1}; the CSV holds ${seen.length} of them.`,
      };
    }
    if (floats.length === seen.length && widths.every((width) => width === 1)) {
      return { classes: seen, source: 'csv', note: `${sorted}: ${echoList(seen)}.` };
    }
    throw new ImportRefusal(
      'classes_required',
      `the model answers ${widths.join(' and ')} numbers per row, the label column of the CSV holds ${seen.length} values (${echoList(seen)}). Give "classes": [...] in the manifest, all of them, in the order of training.`,
    );
  }
  if (label !== null && (floats.length === 0 || !tracer.comesFrom(label.name, INDEXERS)))
    return { classes: undefined, source: 'none', note: null };
  const width = widths[0] ?? 0;
  throw new ImportRefusal(
    'classes_required',
    width > 0
      ? `the model answers ${width === 1 ? 'one number' : `${width} numbers`} per row and neither the file nor the CSV names the classes. Give "classes": [...] in the manifest, in the order of training.`
      : 'the model answers classes that neither the file nor the CSV names. Give "classes": [...] in the manifest, in the order of training.',
  );
}

/** The graph's own classes, or what the label column calls them where training counted them. */
function toGraphClasses(graphClasses: Scalar[], seen: Scalar[] | null): FoundClasses {
  if (seen === null || areAmong(seen, graphClasses)) {
    return { classes: toLabelTypes(graphClasses, seen), source: 'graph', note: null };
  }
  if (areIndexes(graphClasses) && seen.length === graphClasses.length) {
    return {
      classes: seen,
      source: 'csv',
      note: `The model answers 0 to ${seen.length - 1}; these were taken to count the sorted labels of the CSV: ${echoList(seen)}.`,
    };
  }
  if (areIndexes(graphClasses)) {
    throw new ImportRefusal(
      'classes_required',
      `the model counts ${graphClasses.length} classes from 0, the label column of the CSV holds ${seen.length} values (${echoList(seen)}). Give "classes": [...] in the manifest, all ${graphClasses.length} of them, in the order of training.`,
    );
  }
  throw new ImportRefusal(
    'columns_mismatch',
    `the model knows the classes ${echoList(graphClasses)}, but the label column of the CSV holds ${echoList(seen.filter((value) => !areAmong([value], graphClasses)))}. Name the right label column, or upload the CSV this model was trained on.`,
  );
}

/** Booleans that the graph holds as 0 and 1 or as text are answered as booleans. */
function toLabelTypes(graphClasses: Scalar[], seen: Scalar[] | null): Scalar[] {
  if (seen === null || !seen.every((value) => typeof value === 'boolean')) return graphClasses;
  return graphClasses.map((value) => seen.find((each) => toKey(each) === toKey(value)) ?? value);
}

function decideLabel(
  { name, kind, produced }: Candidate,
  classes: Scalar[] | undefined,
  graphClasses: Scalar[] | null,
  tracer: Tracer,
  notes: string[],
): NonNullable<Output['label']> {
  const byClass = { tensor: name, holds: 'class' } as const;
  const byIndex = { tensor: name, holds: 'index' } as const;
  if (classes === undefined || kind === 'string') return byClass;
  if (graphClasses !== null) {
    if (areSameClasses(graphClasses, classes)) return byClass;
    if (areIndexes(graphClasses) && graphClasses.length === classes.length) return byIndex;
    throw new ImportRefusal(
      'classes_required',
      `the model knows ${graphClasses.length} classes (${echoList(graphClasses)}), the manifest states ${classes.length} (${echoList(classes)}). State as many, in the same order.`,
    );
  }
  if (tracer.comesFrom(name, INDEXERS)) return byIndex;
  const answered = produced === null ? null : [...new Set(produced.values)];
  if (answered !== null && areAmong(answered, classes)) return byClass;
  notes.push(`The output ${echo(name)} was taken to hold the position of the class, not the class itself.`);
  return byIndex;
}

function findProbability(
  question: Question,
  floats: readonly Candidate[],
  classes: readonly Scalar[],
  label: Candidate | null,
  tracer: Tracer,
  notes: string[],
): Output['probability'] {
  const zipped = question.zipMaps[0]?.tensor;
  const vectors = floats.filter(({ width, name }) => width === classes.length || (name === zipped && width === null));
  const vector =
    vectors.find(({ name }) => name === zipped) ??
    choose(vectors, tracer) ??
    floats.find(({ width }) => width === null);
  if (vector !== undefined && classes.length > 1) {
    if (floats.length > 1)
      notes.push(
        `Of the outputs ${echoList(floats.map(({ name }) => name))}, ${echo(vector.name)} was taken to hold the classes.`,
      );
    const activation = decideVector(question, vector, label, tracer, notes);
    return { tensors: [vector.name], form: 'vector', activation };
  }
  const singles = floats.filter(({ width }) => width === 1);
  if (singles.length === classes.length && classes.length > 1) {
    const ordered = orderByClass(singles, classes);
    return {
      tensors: ordered.map(({ name }) => name),
      form: 'columns',
      activation: decideColumns(ordered, label, tracer, notes),
    };
  }
  const single = choose(singles, tracer);
  if (single === undefined || classes.length !== 2) return undefined;
  const activation = decidePositive(question, single, label, tracer, notes);
  return { tensors: [single.name], form: 'positive', activation };
}

/** Of several outputs of the right width the one that is most plainly made to be read. */
function choose(candidates: readonly Candidate[], tracer: Tracer): Candidate | undefined {
  const rank = (candidate: Candidate): number => {
    const making = tracer.getMaking(candidate.name);
    const made =
      making === 'probability' || making === 'sigmoid'
        ? 8
        : making === 'log_probability'
          ? 6
          : making === 'raw'
            ? 4
            : 0;
    const summed = candidate.produced !== null && isNormalised([candidate]) ? 8 : 0;
    const named = /prob|softmax/i.test(candidate.name)
      ? 3
      : /logit|score|output|class|pred/i.test(candidate.name)
        ? 1
        : 0;
    return made + summed + named;
  };
  return [...candidates].sort((a, b) => rank(b) - rank(a))[0];
}

function orderByClass(singles: readonly Candidate[], classes: readonly Scalar[]): readonly Candidate[] {
  const ordered = classes.map((value) => {
    const ending = simplify(String(value));
    const named = singles.filter(({ name }) => ending !== '' && simplify(name).endsWith(ending));
    return named.length === 1 ? named[0] : undefined;
  });
  const complete = ordered.filter((candidate) => candidate !== undefined);
  return new Set(complete).size === singles.length ? complete : singles;
}

type Activation = NonNullable<Output['probability']>['activation'];

function isScikit({ model }: Question): boolean {
  return /skl2onnx|onnxmltools|onnxconverter/i.test(model.producer) || model.opsets.has('ai.onnx.ml');
}

function decideVector(
  question: Question,
  { name, produced, width, kind }: Candidate,
  label: Candidate | null,
  tracer: Tracer,
  notes: string[],
): Activation {
  const making = tracer.getMaking(name);
  const scores = label !== null && isScikit(question);
  if (produced !== null) {
    if (isNormalised([{ name, kind, width, produced }])) return 'none';
    if (making === 'log_probability') return 'softmax';
    if (scores) {
      notes.push(
        `The output ${echo(name)} holds decision scores, not probabilities (its rows do not sum to 1): predictions come without probabilities.`,
      );
      return 'scores';
    }
    if (making === 'sigmoid') {
      notes.push(
        `The output ${echo(name)} holds one sigmoid per class, which do not sum to 1: predictions come without probabilities.`,
      );
      return 'scores';
    }
    notes.push(`The output ${echo(name)} holds logits: softmax makes probabilities of them.`);
    return 'softmax';
  }
  if (making === 'probability') return 'none';
  if (making === 'log_probability') return 'softmax';
  if (scores) return making === 'raw' ? 'scores' : 'none';
  if (making === 'sigmoid') return 'scores';
  notes.push(`Without a test run the output ${echo(name)} was taken to hold logits.`);
  return 'softmax';
}

function decideColumns(
  columns: readonly Candidate[],
  label: Candidate | null,
  tracer: Tracer,
  notes: string[],
): Activation {
  if (isNormalised(columns)) return 'none';
  if (columns.some(({ produced }) => produced === null))
    return columns.every(({ name }) => tracer.getMaking(name) === 'raw') ? 'scores' : 'none';
  notes.push('The outputs per class do not sum to 1: predictions come without probabilities.');
  return label === null ? 'softmax' : 'scores';
}

function decidePositive(
  question: Question,
  { name, produced }: Candidate,
  label: Candidate | null,
  tracer: Tracer,
  notes: string[],
): Activation {
  const making = tracer.getMaking(name);
  if (making === 'sigmoid' || making === 'probability') return 'none';
  const inside = produced?.values.every((value) => typeof value === 'number' && value >= -1e-6 && value <= 1 + 1e-6);
  if (inside !== true && label !== null && isScikit(question)) {
    notes.push(
      `The output ${echo(name)} holds decision scores, not probabilities: predictions come without probabilities.`,
    );
    return 'scores';
  }
  if (making === 'raw' || inside === false) {
    notes.push(`The output ${echo(name)} holds a logit of the second class: sigmoid makes a probability of it.`);
    return 'sigmoid';
  }
  return 'none';
}

/** float16 sums stray by this much. */
const SUM_TOLERANCE = 5e-3;

/** Whether each row of the outputs together lies in 0…1 and sums to 1. */
function isNormalised(columns: readonly Candidate[]): boolean {
  const values = columns.map(({ produced }) => produced?.values ?? []);
  const width = columns[0]?.produced?.width ?? 0;
  const rows = width === 0 ? 0 : (values[0]?.length ?? 0) / width;
  for (let r = 0; r < rows; r += 1) {
    let sum = 0;
    for (const column of values) {
      for (let i = r * width; i < (r + 1) * width; i += 1) {
        const value = Number(column[i]);
        if (!(value >= -1e-5 && value <= 1 + 1e-3)) return false;
        sum += value;
      }
    }
    if (Math.abs(sum - 1) > SUM_TOLERANCE) return false;
  }
  return rows > 0;
}

function decideValues(question: Question, task: 'regression' | 'forecasting'): Decision {
  const { candidates, labelNames } = question;
  const notes: string[] = [];
  const numbers = candidates.filter(({ kind }) => kind === 'number');
  const usable = numbers.length > 0 ? numbers : candidates.filter(({ kind }) => kind === 'integer');
  if (usable.length === 0) {
    throw new ImportRefusal(
      'unsupported_output',
      `the outputs ${echoList(candidates.map(({ name }) => name))} hold no numbers, as ${task} needs. State "task": "classification" in the manifest.`,
    );
  }
  const chosen = chooseValues(usable, labelNames, notes);
  return {
    task,
    output: { value: { tensors: chosen.map(({ name }) => name) } },
    classes: undefined,
    source: 'none',
    notes,
  };
}

function chooseValues(
  usable: readonly Candidate[],
  labelNames: readonly string[],
  notes: string[],
): readonly Candidate[] {
  const [first] = usable;
  if (first === undefined || usable.length === 1) return usable;
  const wanted = Math.max(labelNames.length, 1);
  const fitting = usable.filter(({ width }) => width === wanted);
  if (labelNames.length > 1 && fitting.length === 0) {
    const total = usable.reduce((sum, { width }) => sum + (width ?? 0), 0);
    const named = labelNames.map((label) => usable.find(({ name }) => simplify(name).includes(simplify(label))));
    const all = named.filter((candidate) => candidate !== undefined);
    if (new Set(all).size === usable.length) return all;
    if (total === wanted) return usable;
  }
  const chosen =
    fitting.find(({ name }) => labelNames.some((label) => simplify(name) === simplify(label))) ??
    fitting.find(({ name }) => /pred|output|variable|forecast|value|mean|^y/i.test(name)) ??
    fitting[0] ??
    first;
  notes.push(
    `Of the outputs ${echoList(usable.map(({ name }) => name))}, ${echo(chosen.name)} was taken to be the answer. State "output": {"value": {"tensors": [...]}} in the manifest if it is another.`,
  );
  return [chosen];
}
