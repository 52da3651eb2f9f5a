// A column of the training data as a feature of the manifest: what callers send, and what they may leave out.
import { LIMITS } from '../limits.ts';
import type { Dtype, Feature, Scalar } from '../pipeline/manifest.ts';
import { eachNode } from './check.ts';
import { findNumber } from './csv.ts';
import type { OnnxModel } from './graph.ts';
import { echo, ImportRefusal } from './refusal.ts';
import { type Column, getSortedValues, isMissing } from './training.ts';

/** Examples longer than this say nothing more. */
const EXAMPLE_CHARACTERS = 200;

/**
 * Whether callers may leave numbers out because the graph deals with them: it fills them in, or its trees route them and
 * the training data has gaps. Boosted trees say where missing values go even if training never saw one.
 * @param gaps whether any column of numbers has empty cells.
 */
export function handlesMissing(model: OnnxModel, gaps: boolean): boolean {
  for (const node of eachNode(model)) {
    if (node.op === 'Imputer' || node.op === 'IsNaN') return true;
    if (gaps && node.attributes.get('nodes_missing_value_tracks_true')?.ints.any === true) return true;
  }
  return false;
}

/** What the graph and the table say about all features. */
export interface FeatureContext {
  readonly missingHandled: boolean;
  readonly decimalComma: boolean;
  /** Words that the graph compares texts with. */
  readonly words: ReadonlySet<string>;
}

/** The categories and keys of the graph's encoders. */
export function getWords(model: OnnxModel): Set<string> {
  const words = new Set<string>();
  for (const node of eachNode(model)) {
    for (const key of ['cats_strings', 'keys_strings', 'classlabels_strings']) {
      for (const word of node.attributes.get(key)?.strings.head ?? []) words.add(word);
    }
    for (const attribute of node.attributes.values()) {
      for (const tensor of attribute.tensors) for (const word of tensor.strings.head) words.add(word);
    }
  }
  for (const tensor of model.graph.initializers.values()) for (const word of tensor.strings.head) words.add(word);
  return words;
}

/** @throws ImportRefusal where the column cannot be fed to a tensor of this element type. */
export function toFeature(column: Column, dtype: Dtype, encoded: boolean, context: FeatureContext): Feature {
  const { missingHandled, decimalComma } = context;
  const type = getType(column, dtype, encoded);
  const values = getListed(column, type, decimalComma);
  const example = findExample(column, type, decimalComma);
  return {
    name: column.name,
    type,
    ...(isOptional(column, dtype, missingHandled) ? { optional: true } : {}),
    ...(type === 'boolean' && dtype === 'string' ? { encoding: getSpelling(column, context.words) } : {}),
    ...(values === null ? {} : { values }),
    ...((type === 'number' || type === 'integer') && column.kind === 'number'
      ? { range: { min: column.min, max: column.max } }
      : {}),
    ...(example === null ? {} : { example }),
  };
}

function getType(column: Column, dtype: Dtype, encoded: boolean): Feature['type'] {
  if (dtype === 'bool') return 'boolean';
  if (dtype === 'string') return column.kind === 'boolean' ? 'boolean' : 'string';
  if (column.kind === 'boolean') return 'boolean';
  if (column.kind === 'string') {
    if (encoded) return 'string';
    throw toTextRefusal(column);
  }
  return dtype.startsWith('float') ? 'number' : 'integer';
}

function toTextRefusal({ name, misfit, distinct }: Column): ImportRefusal {
  if (misfit !== null) {
    return new ImportRefusal(
      'csv_invalid',
      `the column ${echo(name)} should hold numbers, but line ${misfit.line} has ${echo(misfit.cell)}. Write plain numbers, without units or other text.`,
    );
  }
  const [first, second] = distinct.keys();
  return new ImportRefusal(
    'columns_required',
    `the column ${echo(name)} holds text (${echo(first)}), the model takes a number there. Say how training coded it: "features": [{"name": ${echo(name)}, "encoding": [[${echo(first)}, 0], [${echo(second ?? 'other')}, 1]]}].`,
  );
}

function isOptional(column: Column, dtype: Dtype, missingHandled: boolean): boolean {
  if (dtype === 'string') return column.missing > 0 && column.kind !== 'boolean';
  return dtype.startsWith('float') && (missingHandled || column.missing > 0);
}

/** True and False as the string tensor was trained on them: as the graph spells them, else as the CSV does. */
function getSpelling(column: Column, words: ReadonlySet<string>): [Scalar, Scalar][] {
  const cells = [...column.distinct.keys()].map((cell) => cell.trim());
  const spellings = [
    ['False', 'True'],
    ['false', 'true'],
    ['FALSE', 'TRUE'],
  ] as const;
  const known = (list: { has(word: string): boolean }) => spellings.find(([no, yes]) => list.has(no) || list.has(yes));
  const [no, yes] = known(words) ?? known(new Set(cells)) ?? spellings[0];
  return [
    [false, no],
    [true, yes],
  ];
}

function getListed(column: Column, type: Feature['type'], decimalComma: boolean): Scalar[] | null {
  if (type !== 'string' || column.distinct.size === 0 || column.distinct.size > LIMITS.LISTED_VALUES) return null;
  // Every text its own: these are no categories.
  if (column.unique && column.distinct.size > 5) return null;
  return getSortedValues({ ...column, kind: 'string' }, decimalComma).filter((value) => String(value).trim() !== '');
}

function findExample(column: Column, type: Feature['type'], decimalComma: boolean): Scalar | null {
  for (const cell of column.distinct.keys()) {
    if (isMissing(cell) && type !== 'string') continue;
    if (type === 'string') {
      if (cell.length > EXAMPLE_CHARACTERS || cell.trim() === '') continue;
      return cell;
    }
    return toValue(cell, type, decimalComma);
  }
  return null;
}

/** A cell as a caller would send it; null where it is missing. */
export function toValue(cell: string, type: Feature['type'], decimalComma: boolean): Scalar | null {
  if (type === 'string') return cell;
  const text = cell.trim();
  if (type === 'boolean') {
    if (/^(true|1|1\.0)$/i.test(text)) return true;
    return /^(false|0|0\.0)$/i.test(text) ? false : null;
  }
  return isMissing(cell) ? null : findNumber(cell, decimalComma);
}

/** A feature that only the graph describes. */
export function toBareFeature(name: string, dtype: Dtype, missingHandled: boolean): Feature {
  const type =
    dtype === 'string' ? 'string' : dtype === 'bool' ? 'boolean' : dtype.startsWith('float') ? 'number' : 'integer';
  return { name, type, ...(missingHandled && dtype.startsWith('float') ? { optional: true } : {}) };
}
