// Takes candidates to where they can be published: loads and checks each in the serving runtime, one at a time, since
// two large models at once may not fit. Every start is written down first: a model that kills the isolate is noticed.
import { LIMITS } from '../limits.ts';
import type { GoldenRow } from './account-api.ts';
import type { DueCheck, PipelineStore } from './pipeline-store.ts';
import type { PipelineRecord } from './records.ts';
import { settleWithin } from './time.ts';

export type CheckOutcome =
  | { readonly ok: true }
  /** `retry`: the version may be good, only storage or the like was in the way. */
  | { readonly ok: false; readonly retry: boolean; readonly reason: string };

/** Loads the record's model, warms it up, and compares its answers to the golden rows. */
export type Check = (record: PipelineRecord, golden: readonly GoldenRow[]) => Promise<CheckOutcome>;

export interface DeploymentDeps {
  readonly pipelines: PipelineStore;
  readonly check: Check;
  readonly now: () => number;
  /** What is to be checked, or null where the version is gone. */
  readonly find: (modelId: string, version: number) => { record: PipelineRecord; golden: readonly GoldenRow[] } | null;
  /** Resolves when all that was written is on disk. */
  readonly sync: () => Promise<void>;
  readonly transaction: (work: () => void) => void;
  /** Called after each candidate that passed. */
  readonly onPass: () => void;
}

export interface Deployments {
  /** Runs the checks that are due, one after the other. */
  runDue(): Promise<void>;
}

const NEVER_ENDED = `the check was started ${LIMITS.CHECK_STARTS} times and never came to an end. The model probably needs more memory or time than there is.`;

export function createDeployments(deps: DeploymentDeps): Deployments {
  const { pipelines, now } = deps;

  async function run(due: DueCheck): Promise<void> {
    const { modelId, version, deployment } = due;
    const subject = deps.find(modelId, version);
    if (subject === null) return decide(due, { ok: false, retry: false, reason: 'the version does not exist.' });
    if (due.starts >= LIMITS.CHECK_STARTS) return decide(due, { ok: false, retry: false, reason: NEVER_ENDED });
    pipelines.startCheck(modelId);
    await deps.sync();
    let outcome: CheckOutcome | undefined;
    const work = deps.check(subject.record, subject.golden).then((found) => {
      outcome = found;
    });
    await settleWithin(work, LIMITS.CHECK_TIMEOUT_MS, () => undefined);
    decide({ modelId, version, deployment, starts: due.starts + 1, tries: due.tries + 1 }, outcome);
  }

  /** @param outcome undefined: it threw, or took too long. */
  function decide({ modelId, deployment, tries }: DueCheck, outcome: CheckOutcome | undefined): void {
    deps.transaction(() => {
      const pipeline = pipelines.find(modelId);
      if (pipeline === null) return;
      if (outcome?.ok === true) {
        pipelines.apply(pipeline, { type: 'pass', deployment }, 'system');
      } else if (outcome?.retry === false) {
        pipelines.apply(pipeline, { type: 'fail', deployment, reason: outcome.reason }, 'system');
      } else {
        const wait = Math.min(LIMITS.KV_RETRY_MAX_MS, LIMITS.KV_RETRY_MS * 2 ** (tries - 1));
        const reason = `${outcome?.reason ?? 'The check did not come to an end.'} (try ${tries}; it is tried again)`;
        const state = pipelines.apply(pipeline, { type: 'delay', deployment, reason }, 'system');
        // A candidate that replaced this one meanwhile keeps its own time.
        if (state !== pipeline.state) pipelines.postponeCheck(modelId, now() + wait, outcome !== undefined);
      }
    });
    if (outcome?.ok === true) deps.onPass();
  }

  return {
    async runDue() {
      for (let due = pipelines.findDueCheck(now()); due !== null; due = pipelines.findDueCheck(now())) await run(due);
    },
  };
}
