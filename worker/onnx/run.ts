// The test run: rows of the training data through the loaded model, to see what its outputs hold and whether a batch
// answers like its rows one by one.
import { fromHalf } from '../pipeline/float16.ts';
import { IssueList } from '../pipeline/issues.ts';
import type { Manifest } from '../pipeline/manifest.ts';
import type { Row } from '../pipeline/row.ts';
import {
  createFeedPlan,
  type FeedPlan,
  type NamedTensor,
  type Tensor,
  toFeeds,
  toRowFeeds,
} from '../pipeline/tensor.ts';
import { echo, ImportRefusal } from './refusal.ts';

export interface LoadedModel {
  run(feeds: readonly NamedTensor[], outputs: readonly string[]): Tensor[];
  release(): void;
}

export type LoadModel = (model: Uint8Array) => LoadedModel;

/** The values of one output over all rows that were run: `width` per row. */
export interface Produced {
  readonly kind: 'number' | 'string';
  readonly dtype: Tensor['dtype'];
  readonly width: number;
  readonly values: readonly (number | string)[];
}

export interface TestRun {
  readonly batch: Manifest['batch'];
  readonly outputs: ReadonlyMap<string, Produced>;
  readonly notes: readonly string[];
}

/** Rows that are compared one by one with their batch. */
const COMPARED_ROWS = 8;
/** Relative: kernels add up in another order for a batch. */
const SAME = 1e-3;

/** @throws ImportRefusal run_failed with the engine's word, where no row can be run. */
export function runRows(
  session: LoadedModel,
  manifest: Pick<Manifest, 'features' | 'inputs' | 'batch' | 'label'>,
  rows: readonly Row[],
  names: readonly string[],
): TestRun {
  const plan = createFeedPlan({ ...manifest, manifest_version: 1, task: 'regression', output: {} });
  const issues = new IssueList();
  const feeds = toFeeds(plan, rows, 1, issues);
  const one = (r: number) =>
    tryRun(session, toRowFeeds({ ...plan, batch: manifest.batch === 'none' ? 'none' : 'single' }, feeds, r), names);
  const first = one(0);
  const notes: string[] = [];
  let batch = manifest.batch;
  if (batch === 'dynamic' && rows.length > 1) {
    const reason = findBatchFault(session, plan, rows.slice(0, COMPARED_ROWS), names, first, one);
    if (reason !== null) {
      batch = 'single';
      notes.push(reason);
    }
  }
  if (batch === 'dynamic') {
    const tensors = rows.length === 1 ? first : tryRun(session, feeds, names);
    return { batch, outputs: collect(names, [tensors], [rows.length]), notes };
  }
  const runs = [first];
  for (let r = 1; r < rows.length; r += 1) runs.push(one(r));
  return {
    batch,
    outputs: collect(
      names,
      runs,
      runs.map(() => 1),
    ),
    notes,
  };
}

function tryRun(session: LoadedModel, feeds: readonly NamedTensor[], names: readonly string[]): Tensor[] {
  try {
    return session.run(feeds, names);
  } catch (error) {
    throw toRunRefusal(error);
  }
}

function toRunRefusal(error: unknown): ImportRefusal {
  const text = error instanceof Error ? error.message : String(error);
  const dimensions = /dimension|shape|INVALID_ARGUMENT/i.test(text)
    ? ' Check that the CSV holds the columns the model was trained on, in that order.'
    : '';
  return new ImportRefusal(
    'run_failed',
    `the model could not be run on rows of the training data: ${echoLong(text)}${dimensions}`,
    error,
  );
}

/** The engine's messages tell where a graph is at fault, after long paths of its own sources. */
export function echoLong(text: string): string {
  const clean = text.replace(/\/[\w./+-]*\/(?=[\w.-]+\.(?:cc|h))/g, '').replace(/[\p{Cc}]/gu, ' ');
  return clean.length <= 300 ? clean : `${clean.slice(0, 300)}…`;
}

/** Why a batch must not be run; null where it answers as its rows do. */
function findBatchFault(
  session: LoadedModel,
  plan: FeedPlan,
  rows: readonly Row[],
  names: readonly string[],
  first: Tensor[],
  one: (r: number) => Tensor[],
): string | null {
  const singles = rows.map((_, r) => (r === 0 ? first : one(r)));
  const alone = collect(
    names,
    singles,
    rows.map(() => 1),
  );
  const before = collect(names, [first], [1]);
  const again = collect(names, [one(0)], [1]);
  let together: ReadonlyMap<string, Produced>;
  try {
    together = collect(names, [session.run(toFeeds(plan, rows, 1, new IssueList()), names)], [rows.length]);
  } catch {
    return 'The model takes one row at a time only: a batch of rows fails, so rows are run one by one.';
  }
  for (const name of names) {
    // A model that rolls dice differs anyway.
    if (!isSame(before.get(name), again.get(name))) return null;
    if (!isSame(alone.get(name), together.get(name))) {
      return 'A batch of rows is answered differently from the same rows alone, so rows are run one by one.';
    }
  }
  return null;
}

function isSame(a: Produced | undefined, b: Produced | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.width !== b.width || a.values.length !== b.values.length) return false;
  const scale = a.values.reduce<number>(
    (max, value) => Math.max(max, typeof value === 'number' && Number.isFinite(value) ? Math.abs(value) : 0),
    0,
  );
  return a.values.every((value, i) => {
    const other = b.values[i];
    if (typeof value === 'string' || typeof other === 'string' || other === undefined) return value === other;
    return Object.is(value, other) || value === other || Math.abs(value - other) <= SAME * Math.max(scale, 1e-6);
  });
}

/** Joins what several runs answered. Outputs that do not hold whole rows are left out. */
function collect(names: readonly string[], runs: readonly Tensor[][], rows: readonly number[]): Map<string, Produced> {
  const total = rows.reduce((sum, count) => sum + count, 0);
  const outputs = new Map<string, Produced>();
  for (const [i, name] of names.entries()) {
    const values: (number | string)[] = [];
    for (const tensors of runs) {
      const tensor = tensors[i];
      if (tensor === undefined) continue;
      for (const value of toValues(tensor)) values.push(value);
    }
    const dtype = runs[0]?.[i]?.dtype;
    if (dtype === undefined || values.length % total !== 0) continue;
    outputs.set(name, { kind: dtype === 'string' ? 'string' : 'number', dtype, width: values.length / total, values });
  }
  return outputs;
}

function toValues({ dtype, data }: Tensor): Iterable<number | string> {
  if (Array.isArray(data)) return data;
  if (dtype === 'float16') return Array.from(data as Uint16Array, fromHalf);
  return Array.from(data as ArrayLike<number | bigint>, Number);
}

/** @throws ImportRefusal where an output that answers need holds NaN or infinity in every row. */
export function checkFinite(name: string, { values }: Produced, rows: number): void {
  const bad = values.filter((value) => typeof value === 'number' && !Number.isFinite(value)).length;
  if (bad === 0) return;
  const all = bad === values.length;
  throw new ImportRefusal(
    'model_output_invalid',
    `the output ${echo(name)} is NaN or infinite in ${all ? 'all' : `${bad} of ${values.length}`} values of ${rows} test rows. ${all ? 'A weight of the model is probably NaN: look at the training, and' : 'Look at missing or extreme values in the CSV, and'} check the model with ONNX Runtime before uploading it again.`,
  );
}

/** @throws ImportRefusal where an output holds nothing but NaN: no choice of outputs makes sense of that. */
export function checkNotAllNaN(name: string, produced: Produced, rows: number): void {
  if (produced.values.length > 0 && produced.values.every((value) => Number.isNaN(value)))
    checkFinite(name, produced, rows);
}
