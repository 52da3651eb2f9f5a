// The outputs that can be read, and what is known when it is decided what they hold.
import { LIMITS } from '../limits.ts';
import type { Manifest, Output, Scalar } from '../pipeline/manifest.ts';
import { findDtype, type OnnxModel } from './graph.ts';
import { echo, ImportRefusal } from './refusal.ts';
import type { ZipMap } from './rewrite.ts';
import type { Produced } from './run.ts';
import type { Column } from './training.ts';

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
