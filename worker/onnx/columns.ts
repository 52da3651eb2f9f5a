// Which column of the training data goes into which place of which graph input.
import type { Dtype } from '../pipeline/manifest.ts';
import type { InputSpec } from './inputs.ts';
import { getLikeness, matchNames } from './names.ts';
import { echo, echoList, ImportRefusal } from './refusal.ts';
import type { Column } from './training.ts';

export interface Assignment {
  /** Per input, the columns that fill one row of it. */
  readonly columns: ReadonlyMap<string, readonly Column[]>;
  readonly unused: readonly Column[];
}

/** What the owner said about columns and inputs, which is believed. */
export interface ColumnHints {
  /** Input → the columns that fill it. */
  readonly inputs: ReadonlyMap<string, readonly string[]>;
  /** Columns of text that may be fed to numbers, because their encoding is given. */
  readonly encoded: ReadonlySet<string>;
  /** Columns the owner described as features. */
  readonly features: ReadonlySet<string>;
}

const INDEX_NAME = /^(?:|unnamed: ?\d+|index|level_\d+)$/i;
const ID_NAMES = [
  /(?:^|[\s_.-])(?:id|uuid|guid)$|^id[\s_.-]/i,
  /[a-z](?:Id|ID)$/,
  /^(?:row|record|sample)[\s_.-]?(?:no|nr|num|number|id|names?)$|^(?:row|rownum|no|nr|#)\.?$/i,
];

/**
 * @param columns the columns without the label.
 * @throws ImportRefusal where the columns do not fit, or fit in more than one way.
 */
export function assignColumns(
  specs: readonly InputSpec[],
  columns: readonly Column[],
  hints: ColumnHints,
  notes: string[],
): Assignment {
  const assigned = new Map<string, readonly Column[]>();
  const free = new Set(columns);
  const take = (input: string, taken: readonly Column[]) => {
    assigned.set(input, taken);
    for (const column of taken) free.delete(column);
  };
  for (const spec of specs) {
    const names = hints.inputs.get(spec.name);
    if (names !== undefined) take(spec.name, getNamed(names, columns));
  }
  const singles = specs.filter((spec) => spec.width === 1 && !assigned.has(spec.name));
  const wide = specs.filter((spec) => spec.width !== 1 && !assigned.has(spec.name));
  const byName = matchNames(
    singles.map(({ name }) => name),
    [...free],
    () => true,
  );
  for (const [input, column] of byName) take(input, [column]);
  const rest = singles.filter(({ name }) => !byName.has(name));
  if (rest.length > 0) assignRest(rest, [...free], wide.length > 0, take, notes);
  assignWide(wide, [...free], hints, take, notes);
  return { columns: assigned, unused: [...free] };
}

function getNamed(names: readonly string[], columns: readonly Column[]): Column[] {
  return names.map((name) => {
    const found = columns.find((column) => column.name === name);
    if (found !== undefined) return found;
    throw new ImportRefusal(
      'columns_mismatch',
      `the manifest names a column ${echo(name)} that the CSV does not have; its columns are ${echoList(columns.map((column) => column.name))}.`,
    );
  });
}

/** Columns whose kind an input of this element type takes. */
export function fitsDtype(column: Column, dtype: Dtype): boolean {
  if (dtype === 'string') return column.kind === 'string' || column.kind === 'boolean';
  if (dtype === 'bool')
    return column.kind === 'boolean' || (column.kind === 'number' && column.min >= 0 && column.max <= 1);
  if (dtype.startsWith('float')) return column.kind !== 'string';
  return (column.kind === 'number' && column.integer) || column.kind === 'boolean';
}

/** Inputs of one column each that no name matched: by likeness, then by elimination in order. */
function assignRest(
  inputs: readonly InputSpec[],
  columns: readonly Column[],
  others: boolean,
  take: (input: string, taken: readonly Column[]) => void,
  notes: string[],
): void {
  const free = new Set(columns);
  const open = new Set(inputs);
  const pair = (input: InputSpec, column: Column) => {
    take(input.name, [column]);
    free.delete(column);
    open.delete(input);
    notes.push(
      `The input ${echo(input.name)} was taken to be the column ${echo(column.name)}. If that is wrong, say so in the manifest: "features": [{"name": <column>, "input": ${echo(input.name)}}].`,
    );
  };
  const likely = inputs
    .flatMap((input) =>
      columns
        .filter((column) => fitsDtype(column, input.dtype))
        .map((column) => ({ input, column, score: getLikeness(input.name, column.name) })),
    )
    .filter(({ score }) => score >= 0.3)
    .sort((a, b) => b.score - a.score);
  for (const { input, column } of likely) if (open.has(input) && free.has(column)) pair(input, column);
  for (const dtypes of [isText, isWhole, isFloat]) {
    const left = [...open].filter(({ dtype }) => dtypes(dtype));
    const [first] = left;
    if (first === undefined) continue;
    const fitting = [...free].filter((column) => fitsDtype(column, first.dtype));
    const chosen = others && fitting.length > left.length ? null : choose(fitting, left.length);
    if (chosen !== null) {
      for (const [i, input] of left.entries()) {
        const column = chosen[i];
        if (column !== undefined) pair(input, column);
      }
      continue;
    }
    throw new ImportRefusal(
      fitting.length < left.length ? 'columns_mismatch' : 'columns_required',
      `the model takes ${echoList(left.map(({ name }) => name))}, and no column of the CSV has such a name (left over: ${echoList([...free].map(({ name }) => name))}). Name the columns in the manifest: "features": [{"name": <column>, "input": ${echo(first.name)}}].`,
    );
  }
}

const isText = (dtype: Dtype) => dtype === 'string';
const isFloat = (dtype: Dtype) => dtype.startsWith('float');
const isWhole = (dtype: Dtype) => !isText(dtype) && !isFloat(dtype);

/** Inputs of several columns each: the columns that are left, in the order of the CSV. */
function assignWide(
  specs: readonly InputSpec[],
  columns: readonly Column[],
  hints: ColumnHints,
  take: (input: string, taken: readonly Column[]) => void,
  notes: string[],
): void {
  let free = [...columns];
  // The choosy ones first: text and booleans take what only they can take.
  const order = [
    isText,
    (dtype: Dtype) => dtype === 'bool',
    (dtype: Dtype) => isWhole(dtype) && dtype !== 'bool',
    isFloat,
  ];
  for (const belongs of order) {
    const group = specs.filter(({ dtype }) => belongs(dtype));
    const [first] = group;
    if (first === undefined) continue;
    const others = specs.length > group.length;
    const usable = free.filter((column) => fits(column, first.dtype, hints, others));
    const inOrder = others && isWhole(first.dtype) ? findInOrder(specs, free, hints) : null;
    if (inOrder !== null && usable.length !== getWidth(group)) {
      for (const [name, part] of inOrder) take(name, part);
      notes.push(
        `The inputs ${echoList([...inOrder.keys()])} were filled with columns in the order of the CSV, because types alone do not tell which belongs where.`,
      );
      return;
    }
    const taken = group.some(({ width }) => width === null)
      ? toOpenWidths(group, usable)
      : chooseColumns(group, usable, free, hints);
    let at = 0;
    for (const spec of group) {
      const part = taken.slice(at, spec.width === null ? undefined : at + spec.width);
      at += part.length;
      take(spec.name, part);
    }
    free = free.filter((column) => !taken.includes(column));
    if (group.length > 1)
      notes.push(
        `The inputs ${echoList(group.map(({ name }) => name))} were filled with columns in the order of the CSV.`,
      );
  }
}

const getWidth = (specs: readonly InputSpec[]): number => specs.reduce((sum, { width }) => sum + (width ?? 0), 0);

/** Tensors of numbers that follow each other in the CSV as they do in the graph; null where types contradict. */
function findInOrder(
  specs: readonly InputSpec[],
  free: readonly Column[],
  hints: ColumnHints,
): Map<string, readonly Column[]> | null {
  const numeric = specs.filter(({ dtype }) => !isText(dtype));
  if (numeric.some(({ width }) => width === null)) return null;
  const usable = free.filter((column) => column.kind !== 'string' || hints.encoded.has(column.name));
  const chosen = choose(usable, getWidth(numeric));
  if (chosen === null) return null;
  const parts = new Map<string, readonly Column[]>();
  let at = 0;
  for (const { name, width, dtype } of numeric) {
    const part = chosen.slice(at, at + (width ?? 0));
    if (!part.every((column) => hints.encoded.has(column.name) || fitsDtype(column, dtype))) return null;
    parts.set(name, part);
    at += part.length;
  }
  return parts;
}

function fits(column: Column, dtype: Dtype, hints: ColumnHints, others: boolean): boolean {
  if (hints.encoded.has(column.name)) return true;
  // The only tensor takes every number; its refusals are told by cell. Beside others, types tell columns apart.
  if (isWhole(dtype) && !others) return column.kind === 'number' || column.kind === 'boolean';
  return fitsDtype(column, dtype);
}

/** A tensor that does not say its width takes every column that can be meant. */
function toOpenWidths(group: readonly InputSpec[], usable: readonly Column[]): Column[] {
  const known = getWidth(group);
  if (group.filter(({ width }) => width === null).length > 1) {
    throw new ImportRefusal(
      'columns_required',
      `the inputs ${echoList(group.map(({ name }) => name))} do not say how many columns each takes. Say it in the manifest: "inputs": [{"name": …, "features": [columns]}].`,
    );
  }
  const kept = usable.filter((column) => !isIndex(column) && !(isId(column) && column.unique));
  if (kept.length <= known)
    throw new ImportRefusal('columns_mismatch', 'the CSV has no columns that the model could take.');
  return kept;
}

function chooseColumns(
  group: readonly InputSpec[],
  usable: readonly Column[],
  free: readonly Column[],
  hints: ColumnHints,
): Column[] {
  const wanted = getWidth(group);
  const described = usable.filter(({ name }) => hints.features.has(name));
  const chosen = described.length === wanted ? described : choose(usable, wanted);
  if (chosen !== null) return chosen;
  const name = group[0]?.name ?? '';
  const text = isText(group[0]?.dtype ?? 'float32');
  if (usable.length < wanted) throw toTooFew(name, wanted, usable, free, text);
  throw new ImportRefusal(
    'columns_mismatch',
    `the model takes ${wanted} ${text ? 'texts' : 'numbers'} per row, the CSV has ${usable.length} columns beside the label that could be meant: ${echoList(usable.map((column) => column.name))}. Leave out the columns it was not trained on, or name them in order in the manifest: "inputs": [{"name": ${echo(name)}, "features": [columns]}].`,
  );
}

function toTooFew(
  name: string,
  wanted: number,
  usable: readonly Column[],
  free: readonly Column[],
  text: boolean,
): ImportRefusal {
  const others = free.filter((column) => !usable.includes(column));
  const broken = text ? undefined : others.find(({ misfit }) => misfit !== null);
  if (broken?.misfit != null) {
    return new ImportRefusal(
      'csv_invalid',
      `the column ${echo(broken.name)} should hold numbers, but line ${broken.misfit.line} has ${echo(broken.misfit.cell)}. Write plain numbers, without units or other text.`,
    );
  }
  if (!text && usable.length + others.length >= wanted && others.length > 0) {
    return new ImportRefusal(
      'columns_required',
      `the model takes ${wanted} numbers per row; the CSV has ${usable.length} columns of numbers, and text in ${echoList(others.map((column) => column.name))}. Say how training coded the text: "features": [{"name": ${echo(others[0]?.name)}, "encoding": [["first value", 0], ["second value", 1]]}].`,
    );
  }
  return new ImportRefusal(
    'columns_mismatch',
    `the input ${echo(name)} takes ${wanted} values per row, the CSV has ${usable.length} ${text ? 'columns of text' : 'columns of numbers'} beside the label (${echoList(usable.map((column) => column.name))}). Upload the CSV this model was trained on.`,
  );
}

/**
 * Leaves out what a model is least likely trained on until `wanted` columns are left: an index, ids, keys, constants.
 * @returns null where that cannot be told.
 */
function choose(columns: readonly Column[], wanted: number): Column[] | null {
  let kept = [...columns];
  for (const isDoubtful of [isIndex, isEmpty, isKey, isId, isCounter, isUniqueText, isConstant]) {
    if (kept.length <= wanted) break;
    const doubtful = kept.filter(isDoubtful);
    if (kept.length - doubtful.length >= wanted) kept = kept.filter((column) => !doubtful.includes(column));
  }
  return kept.length === wanted ? kept : null;
}

export const isIndex = ({ name }: Column): boolean => INDEX_NAME.test(name.trim());
const isEmpty = ({ kind }: Column): boolean => kind === 'empty';
export const isId = ({ name }: Column): boolean => ID_NAMES.some((pattern) => pattern.test(name.trim()));
const isKey = (column: Column): boolean => isId(column) && column.unique;
const isCounter = ({ unique, integer }: Column): boolean => unique && integer;
const isUniqueText = ({ unique, kind }: Column): boolean => unique && kind === 'string';
const isConstant = ({ distinct }: Column): boolean => distinct.size <= 1;
