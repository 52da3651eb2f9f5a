// How an isolate tells one account what it has counted: some time after the first uncounted call, or at once after
// USAGE_COUNTS of them, and never more than one report at a time. What was not taken is kept and sent again under its
// number. All state is plain data: a request that is cancelled leaves no promise behind that another waits for.
import { LIMITS } from '../limits.ts';
import type { PipelineUsage, UsageReport, UsageVerdict } from '../pipeline/usage.ts';

export interface ReportDeps {
  /** Milliseconds. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Lets work go on after the answer of the present request. */
  readonly waitUntil: (work: Promise<unknown>) => void;
  readonly createId: () => string;
  readonly send: (accountId: string, report: UsageReport) => Promise<readonly UsageVerdict[]>;
}

export interface Reports {
  /** Something was counted. @param weight how much, of USAGE_COUNTS. @param at milliseconds. */
  note(weight: number, at: number): void;
}

/**
 * @param take what there is to tell; it counts from nothing afterwards. Not called while an earlier report is untold.
 * @param hear the answer to what was taken last.
 */
export function createReports(
  deps: ReportDeps,
  accountId: string,
  take: () => readonly PipelineUsage[],
  hear: (verdicts: readonly UsageVerdict[]) => void,
): Reports {
  const { now, waitUntil } = deps;
  let untold = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  /** Until then somebody sees to it. In the past: nobody, or they have died. */
  let waitingUntil = 0;
  let sendingUntil = 0;
  let unsent: UsageReport | null = null;

  async function later(ms: number): Promise<void> {
    await deps.sleep(ms);
    // What was counted since that one was taken must not wait for a call that may never come.
    while (sendingUntil > now()) await deps.sleep(LIMITS.USAGE_FIRST_MS);
    waitingUntil = 0;
    await report();
  }

  async function report(): Promise<void> {
    sendingUntil = now() + 2 * LIMITS.USAGE_SEND_MS + LIMITS.USAGE_RETRY_MS;
    lastAt = now();
    const isLeftOver = unsent !== null;
    const hasArrived = await deliver();
    if (isLeftOver && hasArrived) await deliver();
    sendingUntil = 0;
  }

  /** Tries twice. @returns whether it has arrived; what has not is kept for the next time. */
  async function deliver(): Promise<boolean> {
    if (unsent === null) {
      untold = 0;
      const pipelines = take();
      if (pipelines.length === 0) return true;
      unsent = { id: deps.createId(), pipelines };
    }
    const report = unsent;
    if (await send(report)) return true;
    await deps.sleep(LIMITS.USAGE_RETRY_MS);
    return send(report);
  }

  /** @returns whether it has arrived. */
  async function send(sent: UsageReport): Promise<boolean> {
    const timeout = deps.sleep(LIMITS.USAGE_SEND_MS).then(() => null);
    // A failure is no news: it is sent again, and its message may hold a key.
    const verdicts = await Promise.race([deps.send(accountId, sent).catch(() => null), timeout]);
    if (verdicts === null) return false;
    // One that was late may be answered after the report that came next.
    if (unsent === sent) {
      unsent = null;
      hear(verdicts);
    }
    return true;
  }

  return {
    note(weight, at) {
      untold += weight;
      if (waitingUntil <= at) {
        const ms = Math.max(LIMITS.USAGE_FIRST_MS, lastAt + LIMITS.USAGE_INTERVAL_MS - at);
        waitingUntil = at + ms + LIMITS.USAGE_SEND_MS;
        waitUntil(later(ms));
      } else if (untold >= LIMITS.USAGE_COUNTS && sendingUntil <= at) {
        waitUntil(report());
      }
    },
  };
}
