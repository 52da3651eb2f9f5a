// What the graph answers: classes or values. Decided by the nodes that make its outputs, by the label column and, where
// the model could be run, by its numbers.
import type { Manifest } from '../pipeline/manifest.ts';
import type { Candidate, Decision, Question } from './candidates.ts';
import { decideClassifier } from './classifier.ts';
import { ImportRefusal } from './refusal.ts';
import { INDEXERS, Tracer } from './trace.ts';
import type { Column } from './training.ts';
import { decideValues } from './values.ts';

const CLASSIFIERS = new Set(['TreeEnsembleClassifier', 'LinearClassifier', 'SVMClassifier', 'ZipMap']);

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
  { model, candidates, zipMaps, labels, classes, labelNames, forecast }: Question,
  tracer: Tracer,
  label: Candidate | null,
): Manifest['task'] {
  if (labelNames.length > 1) return 'regression';
  if (zipMaps.length > 0 || label?.kind === 'string' || classes !== undefined) return 'classification';
  if (candidates.some(({ name }) => tracer.comesFrom(name, CLASSIFIERS) && tracer.findClasses(name) !== null))
    return 'classification';
  const [column] = labels;
  const floats = candidates.filter(({ kind }) => kind === 'number');
  const text = column !== undefined && column.kind !== 'number';
  if (text) return 'classification';
  if (label !== null) {
    if (label.kind === 'bool' || tracer.comesFrom(label.name, INDEXERS)) return 'classification';
    if (column === undefined)
      return floats.length > 0 || /label|class/i.test(label.name) ? 'classification' : 'regression';
    if (column.integer && column.distinct.size <= 50) return 'classification';
    return 'regression';
  }
  // scikit-learn's exporters give every classifier a label output: without one it is a regressor.
  if (/skl2onnx|onnxmltools/i.test(model.producer)) return 'regression';
  const plain = floats.every(({ name }) => ['raw', 'unknown'].includes(tracer.getMaking(name)));
  if (forecast && plain) return 'regression';
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
  const wide = column === undefined ? floats.filter(({ width }) => (width ?? 1) > 1) : [];
  if (wide.some(({ name }) => /logit|prob|softmax/i.test(name))) return 'classification';
  if (wide.some(({ name }) => tracer.getMaking(name) === 'raw' || /class|score/i.test(name))) {
    throw new ImportRefusal(
      'task_required',
      'the model answers several numbers per row, which can be classes or values. Say which in the manifest: "task": "classification" with "classes": [...], or "task": "regression".',
    );
  }
  return 'regression';
}
