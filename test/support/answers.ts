// Rows through a manifest and a loaded model, as the Worker does it, and the comparison with what was expected.
import { createAnswerPlan } from '../../worker/encode/answer.ts';
import type { Session } from '../../worker/inference/runtime.ts';
import { IssueList } from '../../worker/pipeline/issues.ts';
import type { Manifest } from '../../worker/pipeline/manifest.ts';
import type { RawValue, Row } from '../../worker/pipeline/row.ts';
import { createFeedPlan, toFeeds, toRowFeeds } from '../../worker/pipeline/tensor.ts';
import type { CaseRow, Tolerance } from './corpus.ts';

export interface GivenAnswer {
  prediction: unknown;
  probability?: number[];
}

/** @throws AppError for rows that the manifest refuses. */
export function answerRows(
  manifest: Manifest,
  session: Pick<Session, 'run'>,
  inputs: readonly Record<string, RawValue>[],
): GivenAnswer[] {
  const plan = createFeedPlan(manifest);
  const answers = createAnswerPlan(manifest);
  const issues = new IssueList();
  const rows = inputs.map((input): Row => manifest.features.map(({ name }) => input[name]));
  const feeds = toFeeds(plan, rows, 1, issues);
  issues.throwIfAny();
  if (plan.batch === 'dynamic') return answers.toAnswers(session.run(feeds, answers.outputs), rows.length);
  return rows.flatMap((_, r) => answers.toAnswers(session.run(toRowFeeds(plan, feeds, r), answers.outputs), 1));
}

/** @returns what differs, or null. */
export function findDifference(got: GivenAnswer, row: CaseRow, tolerance: Tolerance): string | null {
  const { expected } = row;
  const { abs, rel } = row.tolerance ?? tolerance;
  const near = (a: unknown, b: unknown) => Math.abs(Number(a) - Number(b)) <= abs + rel * Math.abs(Number(b));
  const wanted = [expected.prediction].flat();
  const given = [got.prediction].flat();
  const numeric = expected.probability === undefined && wanted.every((value) => typeof value === 'number');
  const same =
    wanted.length === given.length &&
    wanted.every((value, i) => isSameClass(given[i], value) || (numeric && near(given[i], value)));
  if (!same) return `prediction ${JSON.stringify(given, toText)} is not ${JSON.stringify(wanted)}`;
  const { probability } = expected;
  if (probability === undefined) return got.probability === undefined ? null : 'a probability where none can be given';
  const close =
    probability.length === got.probability?.length &&
    probability.every((value, i) => near(got.probability?.[i], value));
  return close ? null : `probability ${got.probability} is not ${probability}`;
}

function isSameClass(a: unknown, b: unknown): boolean {
  return String(a) === String(b) || (typeof a !== 'string' && typeof b !== 'string' && Number(a) === Number(b));
}

const toText = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
