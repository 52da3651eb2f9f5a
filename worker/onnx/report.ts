// What an import tells its owner: what was recognised, changed and guessed, and how the test run went.
import type { Feature, Manifest, Scalar } from '../pipeline/manifest.ts';
import type { RawValue } from '../pipeline/row.ts';
import { type Agreement, type Answered, checkClassOrder, getAgreement, toAnswered } from './agreement.ts';
import type { Decision } from './candidates.ts';
import { echo, echoList, ImportRefusal } from './refusal.ts';
import { checkFinite, type TestRun } from './run.ts';
import type { Sample } from './samples.ts';

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

const GOLDEN_ROWS = 5;

/** Compares the answers with the label column, and keeps a few as golden rows. @throws ImportRefusal */
export function judge(
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
