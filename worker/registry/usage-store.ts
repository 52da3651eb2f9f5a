// What was counted: calls per hour and outcome, for USAGE_HOURS, and refused calls of pages by origin. Bounded rows: old
// hours and forgotten pages are deleted as new ones are added.
import { LIMITS } from '../limits.ts';
import { DAY_MS, HOUR_MS, type HourCount, type Outcome, type PageCount } from '../pipeline/usage.ts';
import type { PageCallsView } from './account-api.ts';

export interface UsageStore {
  /** @param hours of the last USAGE_HOURS; others are not kept. */
  addHours(modelId: string, hours: readonly HourCount[]): void;
  addPages(modelId: string, pages: readonly PageCount[]): void;
  /** The oldest first. */
  listHours(modelId: string): HourCount[];
  /** What counts towards the cap of this day. */
  countDay(modelId: string, day: number): number;
  listPages(modelId: string): PageCallsView;
  /** The secret that they called is no more. */
  removePages(modelId: string): void;
  remove(modelId: string): void;
}

/** Those that do not say where they come from, or are one too many. */
const OTHERS = '';
const HOURS_A_DAY = DAY_MS / HOUR_MS;

export function createUsageStore(sql: SqlStorage, now: () => number): UsageStore {
  const firstHour = (): number => Math.floor(now() / HOUR_MS) - LIMITS.USAGE_HOURS + 1;
  const firstPage = (): number => now() - LIMITS.PAGE_DAYS * DAY_MS;

  return {
    addHours(modelId, hours) {
      const first = firstHour();
      // A clock may be a little ahead of another.
      const isKept = ({ hour }: HourCount) => hour >= first && hour <= first + LIMITS.USAGE_HOURS;
      for (const { hour, outcome, calls, predictions, counted } of hours.filter(isKept)) {
        sql.exec(
          `INSERT INTO usage (model_id, hour, outcome, calls, predictions, counted) VALUES (?, ?, ?, ?4, ?5, ?6)
           ON CONFLICT DO UPDATE SET calls = calls + ?4, predictions = predictions + ?5, counted = counted + ?6`,
          modelId,
          hour,
          outcome,
          calls,
          predictions,
          counted,
        );
      }
      sql.exec('DELETE FROM usage WHERE model_id = ? AND hour < ?', modelId, first);
    },
    addPages(modelId, pages) {
      if (pages.length === 0) return;
      sql.exec('DELETE FROM page_calls WHERE model_id = ? AND last_at < ?', modelId, firstPage());
      const known = new Set(
        sql
          .exec<{ origin: string }>('SELECT origin FROM page_calls WHERE model_id = ?', modelId)
          .toArray()
          .map(({ origin }) => origin),
      );
      known.delete(OTHERS);
      for (const page of pages) {
        const wanted = page.origin ?? OTHERS;
        const origin = known.has(wanted) || known.size < LIMITS.PAGE_ORIGINS ? wanted : OTHERS;
        if (origin !== OTHERS) known.add(origin);
        sql.exec(
          `INSERT INTO page_calls (model_id, origin, calls, first_at, last_at) VALUES (?, ?, ?3, ?4, ?4)
           ON CONFLICT DO UPDATE SET calls = calls + ?3, last_at = MAX(last_at, ?4)`,
          modelId,
          origin,
          page.calls,
          page.last_at,
        );
      }
    },
    listHours: (modelId) =>
      sql
        .exec<{ hour: number; outcome: string; calls: number; predictions: number; counted: number }>(
          'SELECT hour, outcome, calls, predictions, counted FROM usage WHERE model_id = ? AND hour >= ?',
          modelId,
          firstHour(),
        )
        .toArray()
        .map((row) => ({ ...row, outcome: row.outcome as Outcome })),
    countDay: (modelId, day) =>
      sql
        .exec<{ n: number | null }>(
          'SELECT SUM(counted) AS n FROM usage WHERE model_id = ? AND hour >= ? AND hour < ?',
          modelId,
          day * HOURS_A_DAY,
          (day + 1) * HOURS_A_DAY,
        )
        .one().n ?? 0,
    listPages(modelId) {
      const origins = sql
        .exec<{ origin: string; calls: number; first_at: number; last_at: number }>(
          'SELECT origin, calls, first_at, last_at FROM page_calls WHERE model_id = ? AND last_at >= ? ORDER BY last_at DESC',
          modelId,
          firstPage(),
        )
        .toArray()
        .map(({ origin, calls, first_at, last_at }) => ({
          origin: origin === OTHERS ? null : origin,
          calls,
          first_at: new Date(first_at).toISOString(),
          last_at: new Date(last_at).toISOString(),
        }));
      return {
        calls: origins.reduce((sum, { calls }) => sum + calls, 0),
        last_at: origins[0]?.last_at ?? null,
        origins,
      };
    },
    removePages(modelId) {
      sql.exec('DELETE FROM page_calls WHERE model_id = ?', modelId);
    },
    remove(modelId) {
      for (const table of ['usage', 'page_calls']) sql.exec(`DELETE FROM ${table} WHERE model_id = ?`, modelId);
    },
  };
}
