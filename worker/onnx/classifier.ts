// A classifier's label output and its classes: which they are, in which order, and whether the model answers the class
// itself or its position.
import { LIMITS } from '../limits.ts';
import type { Output, Scalar } from '../pipeline/manifest.ts';
import type { Candidate, Decision, Question } from './candidates.ts';
import { areAmong, areIndexes, areSameClasses, findMetadataClasses, toKey } from './classes.ts';
import { findProbability } from './probability.ts';
import { echo, echoList, ImportRefusal } from './refusal.ts';
import { INDEXERS, type Tracer } from './trace.ts';
import { getSortedValues } from './training.ts';

export function decideClassifier(question: Question, tracer: Tracer, labelTensor: Candidate | null): Decision {
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
  if (label !== null && !tracer.comesFrom(label.name, INDEXERS))
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
