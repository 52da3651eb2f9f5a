// What isolates tell account objects about calls, and what they hear back; and the hours and days they count in (UTC).
import type { PREDICTION_STATUS } from '../errors.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export const toHour = (ms: number): number => Math.floor(ms / HOUR_MS);
export const toDay = (ms: number): number => Math.floor(ms / DAY_MS);

/** How a call ended: `ok`, or with which error. */
export type Outcome = 'ok' | keyof typeof PREDICTION_STATUS;

/** Calls of one pipeline in one hour that ended alike. */
export interface HourCount {
  /** Hours since 1970. */
  readonly hour: number;
  readonly outcome: Outcome;
  readonly calls: number;
  /** Rows that were answered. */
  readonly predictions: number;
  /** What counts towards the daily cap. */
  readonly counted: number;
}

/** Calls from one page that the servers-only rule refused. */
export interface PageCount {
  /** Which secret was called: PipelineRecord.rotation. */
  readonly rotation: number;
  /** `example.org` or `localhost:3000`; null: one that says nothing, or one too many. */
  readonly origin: string | null;
  readonly calls: number;
  /** Milliseconds. */
  readonly last_at: number;
}

export interface PipelineUsage {
  readonly model_id: string;
  readonly hours: readonly HourCount[];
  readonly pages: readonly PageCount[];
}

/** What an isolate has counted for one account since its last report. */
export interface UsageReport {
  /** Under the same id a report is counted once, however often it arrives. */
  readonly id: string;
  readonly pipelines: readonly PipelineUsage[];
}

/** The account's word on a pipeline of a report. */
export interface UsageVerdict {
  readonly model_id: string;
  /** Days since 1970. */
  readonly day: number;
  /** Predictions that are left of this day's cap; 0 or less: calls are refused. */
  readonly left: number;
  /** That cap, which the isolate's record may not say yet, or no more. */
  readonly cap: number;
}

/** Ends of a call that cost the owner nothing of the cap: refused before the model, or failed on our side. */
const FREE: ReadonlySet<Outcome> = new Set<Outcome>([
  'browser_call',
  'pipeline_inactive',
  'pipeline_not_found',
  'rate_limited',
  'daily_limit',
  'model_unavailable',
  'overloaded',
  'internal',
]);

/** What a failed call counts for: an answer that says what is wrong with the rows took a decoder's time. */
export function toWeight(outcome: Outcome): number {
  return FREE.has(outcome) ? 0 : 1;
}
