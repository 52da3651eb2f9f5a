// What an isolate knows of how its pipelines are used: it counts every call in memory, tells their accounts now and then,
// and refuses calls past the rate limit and the daily cap. Nothing here is waited for by a call.
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { DAY_MS, type Outcome, toDay, toHour, toWeight, type UsageVerdict } from '../pipeline/usage.ts';
import { Counts } from './counts.ts';
import { createRate, type Rate, type RateLimiter } from './rate.ts';
import { createReports, type ReportDeps, type Reports } from './reports.ts';

/** What is used of a pipeline's record. */
export interface Metered {
  readonly account_id: string;
  readonly model_id: string;
  readonly rotation?: number;
  readonly daily_cap?: number;
  readonly limited_until?: number;
}

export interface UsageDeps extends ReportDeps {
  /** null: no limit. */
  readonly limiter: RateLimiter | null;
}

export interface Usage {
  /** @throws AppError rate_limited, daily_limit: what a call is told instead of an answer. */
  admit(pipeline: Metered): void;
  /** An answer that holds so many predictions. @param weight what it counts towards the cap, where not as many. */
  countAnswer(pipeline: Metered, predictions: number, weight?: number): void;
  /** More predictions of an answer that is still being streamed. */
  countRows(pipeline: Metered, predictions: number): void;
  countFailure(pipeline: Metered, outcome: Outcome): void;
  /** A call from a page, which was refused. */
  countPage(pipeline: Metered, origin: string | null): void;
}

/** Of calls that nobody made: they cost nobody anything. */
export const UNMETERED: Pick<Usage, 'admit' | 'countRows'> = { admit: () => undefined, countRows: () => undefined };

interface Account {
  readonly reports: Reports;
  /** Those that have counted since the last report. */
  readonly dirty: Set<Meter>;
}

interface Meter {
  readonly modelId: string;
  readonly account: Account;
  readonly rate: Rate;
  readonly counts: Counts;
  cap: number;
  /** What may still be answered on `day`, as far as this isolate knows. */
  left: number;
  day: number;
  /** Counted towards the cap since the last report was taken: its answer does not know of it. */
  untold: number;
}

export function createUsage(deps: UsageDeps): Usage {
  const { now } = deps;
  const accounts = new Map<string, Account>();
  const meters = new Map<string, Meter>();
  /** Spares the hot path a key: a record is the same object for as long as it is unchanged. */
  const ofRecord = new WeakMap<Metered, Meter>();

  function createAccount(id: string): Account {
    const dirty = new Set<Meter>();
    const take = () => {
      const taken = [...dirty].map(({ counts, modelId }) => counts.take(modelId));
      for (const meter of dirty) meter.untold = 0;
      dirty.clear();
      return taken;
    };
    const hear = (verdicts: readonly UsageVerdict[]) => {
      for (const { model_id, day, left, cap } of verdicts) {
        const meter = meters.get(`${id}/${model_id}`);
        if (meter === undefined || day < meter.day) continue;
        meter.day = day;
        meter.left = left - meter.untold;
        meter.cap = cap;
      }
    };
    return { dirty, reports: createReports(deps, id, take, hear) };
  }

  function createMeter(key: string, { account_id, model_id, daily_cap }: Metered): Meter {
    const account = accounts.get(account_id) ?? createAccount(account_id);
    remember(accounts, account_id, account);
    const cap = daily_cap ?? Number.POSITIVE_INFINITY;
    const rate = createRate(deps.limiter, key, now, deps.waitUntil);
    const counts = new Counts();
    return { modelId: model_id, account, rate, counts, cap, left: cap, day: toDay(now()), untold: 0 };
  }

  function getMeter(pipeline: Metered): Meter {
    const known = ofRecord.get(pipeline);
    if (known !== undefined) return known;
    const key = `${pipeline.account_id}/${pipeline.model_id}`;
    const meter = meters.get(key) ?? createMeter(key, pipeline);
    remember(meters, key, meter);
    const cap = pipeline.daily_cap ?? Number.POSITIVE_INFINITY;
    if (cap !== meter.cap) {
      meter.left = Number.isFinite(cap) && Number.isFinite(meter.cap) ? meter.left + cap - meter.cap : cap;
      meter.cap = cap;
    }
    ofRecord.set(pipeline, meter);
    return meter;
  }

  function count(pipeline: Metered, outcome: Outcome, calls: number, predictions: number, weight: number): void {
    const meter = getMeter(pipeline);
    const at = now();
    meter.counts.add(toHour(at), outcome, calls, predictions, weight);
    meter.left -= weight;
    meter.untold += weight;
    meter.account.dirty.add(meter);
    meter.account.reports.note(Math.max(1, weight), at);
  }

  return {
    admit(pipeline) {
      const meter = getMeter(pipeline);
      const at = now();
      const day = toDay(at);
      if (meter.day < day) {
        meter.day = day;
        meter.left = meter.cap;
      }
      if (meter.left <= 0 || (pipeline.limited_until ?? 0) > at) throw toDailyLimit(at);
      const refusedUntil = meter.rate.call(at);
      if (refusedUntil > at) throw toRateLimited(refusedUntil - at);
    },
    countAnswer: (pipeline, predictions, weight = predictions) => count(pipeline, 'ok', 1, predictions, weight),
    countRows: (pipeline, predictions) => count(pipeline, 'ok', 0, predictions, predictions),
    countFailure: (pipeline, outcome) => count(pipeline, outcome, 1, 0, toWeight(outcome)),
    countPage(pipeline, origin) {
      getMeter(pipeline).counts.addPage(pipeline.rotation ?? 0, origin, now());
      count(pipeline, 'browser_call', 1, 0, 0);
    },
  };
}

/** As the newest; the oldest goes where there are too many. What it has counted its account still tells. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  if (map.size > LIMITS.USAGE_METERS) map.delete(map.keys().next().value ?? '');
}

function toDailyLimit(at: number): AppError {
  return new AppError(
    'daily_limit',
    'This pipeline has answered as many predictions as it may in a day. It answers again at 00:00 UTC, or when its owner raises the daily cap.',
    { headers: toRetryAfter((toDay(at) + 1) * DAY_MS - at) },
  );
}

function toRateLimited(ms: number): AppError {
  return new AppError(
    'rate_limited',
    `This pipeline answers ${LIMITS.RATE_CALLS.toLocaleString('en')} calls in ${LIMITS.RATE_PERIOD_SECONDS} seconds. Send many rows in one call: as a JSON array, CSV or NDJSON.`,
    { headers: toRetryAfter(ms) },
  );
}

function toRetryAfter(ms: number): Record<string, string> {
  return { 'Retry-After': String(Math.max(1, Math.ceil(ms / 1000))) };
}
