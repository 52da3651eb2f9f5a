// What the owner sees of a model, and what KV is told of its pipeline: pure conversions of rows.
import { LIMITS, PLANS, type PlanName } from '../limits.ts';
import { DAY_MS, toDay } from '../pipeline/usage.ts';
import type {
  AccountView,
  ActiveModel,
  ModelView,
  PageCallsView,
  PipelineView,
  VersionSummary,
  VersionView,
} from './account-api.ts';
import { findCandidate, getVersion } from './pipeline-state.ts';
import type { StoredPipeline } from './pipeline-store.ts';

export interface ModelHead {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly tutorial: boolean;
}

/**
 * @param progress of the record under the pipeline's present secret.
 * @param cap predictions a day.
 * @param tutorial is active whatever happens, if perhaps without a URL for a moment.
 */
export function toPipelineView(
  { state, secret, old, onCap, cappedDay }: StoredPipeline,
  progress: { published: boolean; tries: number },
  tutorial: boolean,
  { cap, now }: { cap: number; now: number },
): PipelineView {
  const candidate = findCandidate(state);
  const stored = candidate?.reason ?? ('reason' in state ? (state.reason ?? null) : null);
  // After a rotation the pipeline is as good as active, but nobody can call it before KV knows the new secret.
  const hidden = state.status === 'active' && !progress.published;
  const reason = hidden
    ? `The new URL is being published${progress.tries > 1 ? `; storage refused it ${progress.tries} times` : ''}.`
    : stored;
  return {
    status: hidden && !tutorial ? 'deploying' : state.status,
    ...(reason === null ? {} : { reason }),
    version: getVersion(state),
    ...(state.status === 'active' && candidate !== null ? { candidate: candidate.version } : {}),
    activated_at: state.status === 'active' ? state.activatedAt : null,
    daily_cap: cap,
    on_cap: onCap,
    ...(cappedDay === toDay(now) ? { limited_until: new Date((cappedDay + 1) * DAY_MS).toISOString() } : {}),
    ...(old === null || old.until <= now ? {} : { old_url_until: new Date(old.until).toISOString() }),
    secret: state.status === 'active' && !hidden ? secret : null,
  };
}

export function toModelView(
  { id, name, createdAt, tutorial }: ModelHead,
  versions: readonly VersionSummary[],
  { manifest, report }: Pick<VersionView, 'manifest' | 'report'>,
  pipeline: PipelineView,
  pageCalls: PageCallsView,
): ModelView {
  return {
    id,
    name,
    created_at: createdAt,
    tutorial,
    task: manifest.task,
    label: manifest.label ?? null,
    classes: manifest.classes ?? null,
    ...(manifest.unit === undefined ? {} : { unit: manifest.unit }),
    features: manifest.features,
    versions,
    report,
    pipeline,
    page_calls: pageCalls,
  };
}

export function toAccountView(
  account: { id: string; name: string; plan: PlanName; created_at: string },
  models: number,
  counted: readonly ActiveModel[],
  notCounted: readonly ActiveModel[],
): AccountView {
  const plan = PLANS[account.plan];
  return {
    id: account.id,
    name: account.name,
    plan: account.plan,
    created_at: account.created_at,
    limits: {
      active_pipelines: plan.active,
      models: plan.models,
      versions_per_model: LIMITS.VERSIONS_PER_MODEL,
      model_bytes: LIMITS.MODEL_BYTES,
    },
    quota: { used: counted.length, limit: plan.active, counted, not_counted: notCounted },
    models,
  };
}
