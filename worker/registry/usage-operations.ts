// What an account does with what its isolates have counted: adds it up, holds it against the daily cap, and shows it. A
// cap that is reached is a moment in the pipeline's record until which callers are refused: nobody has to undo it.

import { PREDICTION_STATUS } from '../errors.ts';
import { LIMITS, PLANS } from '../limits.ts';
import { DAY_MS, HOUR_MS, toDay, toHour, type UsageReport, type UsageVerdict } from '../pipeline/usage.ts';
import type { CapPatch, Refusal, Result, UsageView } from './account-api.ts';
import type { Account } from './account-store.ts';
import { getPublished } from './pipeline-state.ts';
import type { StoredPipeline } from './pipeline-store.ts';
import { NO_MODEL, refuse, type Store, TUTORIAL_ID } from './store.ts';

/** @param known ids of reports that were counted already; this one is added. */
export function addUsage(store: Store, known: Set<string>, report: UsageReport): UsageVerdict[] {
  const day = toDay(store.now());
  const isNew = !known.has(report.id);
  const verdicts = store.transaction(() =>
    report.pipelines.flatMap(({ model_id, hours, pages }) => {
      const pipeline = store.pipelines.find(model_id);
      if (pipeline === null) return [];
      if (isNew) {
        store.usage.addHours(model_id, hours);
        // What a page calls under a dead secret is no news.
        store.usage.addPages(
          model_id,
          pages.filter(({ rotation }) => rotation === pipeline.rotation),
        );
      }
      return [{ model_id, day, left: checkCap(store, pipeline), cap: store.getCap(pipeline) }];
    }),
  );
  // After the transaction: one that failed is sent again.
  known.add(report.id);
  if (known.size > LIMITS.USAGE_REPORTS) known.delete(known.values().next().value ?? '');
  return verdicts;
}

/**
 * Sees to a cap that is reached, or no longer is; part of the transaction that may have changed it.
 * @returns predictions that are left today.
 */
function checkCap(store: Store, pipeline: StoredPipeline): number {
  const day = toDay(store.now());
  const cap = store.getCap(pipeline);
  const left = cap - store.usage.countDay(pipeline.modelId, day);
  const isMarked = pipeline.cappedDay === day;
  if (left > 0 === !isMarked) return left;
  store.pipelines.setCap(pipeline.modelId, { ...pipeline, cappedDay: left > 0 ? null : day });
  if (getPublished(pipeline.state) !== null) store.pipelines.want(pipeline);
  if (left > 0) return left;
  const reason = `The daily cap of ${cap.toLocaleString('en')} predictions was reached.`;
  const { modelId } = pipeline;
  store.events.add({ modelId, actor: 'system', event: 'daily_cap_reached', status: pipeline.state.status, reason });
  if (pipeline.onCap === 'pause' && modelId !== TUTORIAL_ID) {
    store.pipelines.apply(pipeline, { type: 'pause', reason: `Paused: ${reason}` }, 'system');
  }
  return left;
}

/** Part of the transaction that patches a model. @returns why the cap cannot be so. */
export function setCap(store: Store, account: Account, modelId: string, patch: CapPatch): Refusal | null {
  const pipeline = store.pipelines.find(modelId);
  if (pipeline === null) return NO_MODEL;
  const { daily_cap: dailyCap = pipeline.dailyCap, on_cap: onCap = pipeline.onCap } = patch;
  const most = PLANS[account.plan].daily_most;
  if (dailyCap !== null && !(Number.isInteger(dailyCap) && dailyCap >= 1 && dailyCap <= most)) {
    return refuse(
      'invalid_input',
      `daily_cap: the plan ${account.plan} allows 1 to ${most.toLocaleString('en')} predictions a day.`,
    );
  }
  if (onCap === 'pause' && modelId === TUTORIAL_ID) {
    return refuse(
      'tutorial_always_active',
      'The tutorial is always active: past its cap it can refuse, but not pause.',
    );
  }
  if (dailyCap === pipeline.dailyCap && onCap === pipeline.onCap) return null;
  store.pipelines.setCap(modelId, { dailyCap, onCap, cappedDay: pipeline.cappedDay });
  // Isolates count down from it.
  if (getPublished(pipeline.state) !== null) store.pipelines.want(pipeline);
  const present = store.pipelines.find(modelId) ?? pipeline;
  const reason = `${store.getCap(present).toLocaleString('en')} predictions a day, then ${onCap}.`;
  store.events.add({ modelId, actor: 'owner', event: 'daily_cap_changed', status: pipeline.state.status, reason });
  checkCap(store, present);
  return null;
}

export function getUsage(store: Store, modelId: string): Result<{ usage: UsageView }> {
  const pipeline = store.pipelines.find(modelId);
  if (pipeline === null) return NO_MODEL;
  const now = store.now();
  const day = toDay(now);
  const counts = store.usage.listHours(modelId);
  const hours = Array.from({ length: LIMITS.USAGE_HOURS }, (_, i) => {
    const hour = toHour(now) - LIMITS.USAGE_HOURS + 1 + i;
    const here = counts.filter((count) => count.hour === hour);
    return {
      at: new Date(hour * HOUR_MS).toISOString(),
      calls: here.reduce((sum, { calls }) => sum + calls, 0),
      predictions: here.reduce((sum, { predictions }) => sum + predictions, 0),
      statuses: addUp(here.map(({ outcome, calls }) => [String(toStatus(outcome)), calls])),
    };
  });
  const used = store.usage.countDay(modelId, day);
  const cap = store.getCap(pipeline);
  return {
    ok: true,
    usage: {
      model_id: modelId,
      hours,
      codes: addUp(counts.map(({ outcome, calls }) => [outcome, calls])),
      cap: {
        daily_cap: cap,
        on_cap: pipeline.onCap,
        used,
        left: Math.max(0, cap - used),
        resets_at: new Date((day + 1) * DAY_MS).toISOString(),
      },
      page_calls: store.usage.listPages(modelId),
    },
  };
}

function toStatus(outcome: string): number {
  return PREDICTION_STATUS[outcome as keyof typeof PREDICTION_STATUS] ?? 200;
}

function addUp(entries: readonly (readonly [string, number])[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [key, n] of entries) if (n > 0) sums[key] = (sums[key] ?? 0) + n;
  return sums;
}
