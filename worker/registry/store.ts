// All that an account object keeps, put together: the rows, what the owner sees of them, and what KV is to be told.
// The tutorial is no row: it comes with the Worker, so that a better one reaches every account with the next deployment.
import { PLANS } from '../limits.ts';
import { DAY_MS, toDay } from '../pipeline/usage.ts';
import type { GoldenRow, ModelView, Refusal, RefusalCode, VersionView } from './account-api.ts';
import { type AccountStore, createAccountStore } from './account-store.ts';
import type { Random } from './characters.ts';
import { createEvents, type Events } from './events.ts';
import { createModelStore, type ModelStore, toReference, toSummary } from './model-store.ts';
import { findCandidate, getPublished, getVersion } from './pipeline-state.ts';
import { createPipelineStore, type PipelineStore, type StoredPipeline } from './pipeline-store.ts';
import { createPublications, type Publications, type Target } from './publication.ts';
import type { ModelReference, PipelineRecord } from './records.ts';
import { createUsageStore, type UsageStore } from './usage-store.ts';
import { type ModelHead, toModelView, toPipelineView } from './views.ts';

/** The tutorial's id, in every account. */
export const TUTORIAL_ID = 'model_tutorial';

/** The model that every account has. */
export interface Tutorial {
  readonly name: string;
  readonly manifest: PipelineRecord['manifest'];
  readonly model: ModelReference;
  readonly report: object;
  readonly golden: readonly GoldenRow[];
}

export interface StoreDeps {
  readonly sql: SqlStorage;
  /** Runs `work` whole or not at all. */
  readonly transaction: <T>(work: () => T) => T;
  /** Whether there are tables yet. */
  readonly hasTables: () => boolean;
  readonly write: (key: string, value: string | Uint8Array | null) => Promise<void>;
  readonly now: () => number;
  readonly random: Random;
  readonly tutorial: Tutorial;
  /** Sets the alarm for what is due: at once after a transaction that is followed by any waiting. */
  readonly schedule: () => Promise<void>;
  /** Follows up now what has become due by itself. */
  readonly wake: () => void;
}

export interface Store extends StoreDeps {
  readonly account: AccountStore;
  readonly models: ModelStore;
  readonly pipelines: PipelineStore;
  readonly publications: Publications;
  readonly events: Events;
  readonly usage: UsageStore;
  readonly at: () => string;
  findHead(modelId: string): ModelHead | null;
  findVersion(modelId: string, version: number): VersionView | null;
  toModel(head: ModelHead): ModelView;
  /** Predictions a day: the owner's wish, else the plan's. */
  getCap(pipeline: Pick<StoredPipeline, 'dailyCap'>): number;
  /** The record that a version has while callers are answered (`active`) or refused. */
  findRecord(modelId: string, version: number, state: PipelineRecord['state']): PipelineRecord | null;
  /** The same as it stands under one of the pipeline's secrets. */
  findRecordUnder(
    secretDigest: string,
    pipeline: StoredPipeline,
    version: number,
    state: PipelineRecord['state'],
  ): PipelineRecord | null;
  toTarget(secretDigest: string): Target;
}

export const NO_MODEL = refuse('model_not_found', 'There is no model with this id in this account.');

export function refuse(code: RefusalCode, message: string, more: Pick<Refusal, 'active'> = {}): Refusal {
  return { ok: false, code, message, ...more };
}

export function createStore(deps: StoreDeps): Store {
  const { sql, now, tutorial } = deps;
  const account = createAccountStore(sql, deps.hasTables);
  const models = createModelStore(sql);
  const events = createEvents(sql, now);
  const usage = createUsageStore(sql, now);
  const at = () => new Date(now()).toISOString();
  const publications = createPublications({ ...deps, toTarget, onOutcome });
  const pipelines: PipelineStore = createPipelineStore(sql, now, events, publications);

  function findHead(modelId: string): ModelHead | null {
    if (modelId === TUTORIAL_ID) {
      return { id: modelId, name: tutorial.name, createdAt: account.find()?.created_at ?? at(), tutorial: true };
    }
    const model = models.find(modelId);
    return model === null ? null : { id: model.id, name: model.name, createdAt: model.createdAt, tutorial: false };
  }

  function findVersion(modelId: string, version: number): VersionView | null {
    if (modelId !== TUTORIAL_ID) return models.findVersion(modelId, version);
    if (version !== 1) return null;
    const { manifest, model, report, golden } = tutorial;
    return {
      version,
      created_at: account.find()?.created_at ?? at(),
      source: 'tutorial',
      task: manifest.task,
      size_bytes: model.bytes,
      digest: model.digest,
      manifest,
      report,
      golden,
      optimise: model.optimise ?? true,
    };
  }

  function toModel(head: ModelHead): ModelView {
    const newest = findVersion(head.id, head.tutorial ? 1 : (models.find(head.id)?.lastVersion ?? 0));
    const pipeline = pipelines.find(head.id);
    if (newest === null || pipeline === null) throw new Error('A model has a version and a pipeline.');
    const versions = head.tutorial ? [toSummary(newest)] : models.listVersions(head.id);
    const view = toPipelineView(pipeline, getProgress(pipeline), head.tutorial, { cap: getCap(pipeline), now: now() });
    return toModelView(head, versions, newest, view, usage.listPages(head.id));
  }

  function getProgress({ secretDigest }: StoredPipeline): { published: boolean; tries: number } {
    return secretDigest === null ? { published: false, tries: 0 } : publications.getProgress(secretDigest);
  }

  function findRecord(modelId: string, version: number, state: PipelineRecord['state']): PipelineRecord | null {
    const owner = account.find();
    const head = findHead(modelId);
    const found = findVersion(modelId, version);
    if (owner === null || head === null || found === null) return null;
    return {
      v: 1,
      state,
      account_id: owner.id,
      model_id: modelId,
      name: head.name,
      version,
      model: toReference(found),
      manifest: found.manifest,
    };
  }

  function getCap({ dailyCap }: Pick<StoredPipeline, 'dailyCap'>): number {
    return dailyCap ?? PLANS[account.find()?.plan ?? 'trial'].daily;
  }

  const findRecordUnder: Store['findRecordUnder'] = (secretDigest, pipeline, version, state) => {
    const record = findRecord(pipeline.modelId, version, state);
    if (record === null) return null;
    const { rotation, old, cappedDay } = pipeline;
    const expires = old?.secretDigest === secretDigest ? old.until : null;
    return {
      ...record,
      rotation: expires === null ? rotation : rotation - 1,
      daily_cap: getCap(pipeline),
      ...(cappedDay === toDay(now()) ? { limited_until: (cappedDay + 1) * DAY_MS } : {}),
      ...(expires === null ? {} : { expires_at: expires }),
    };
  };

  function toTarget(secretDigest: string): Target {
    const pipeline = pipelines.findBySecret(secretDigest);
    if (pipeline === null) return { record: null, deployment: null };
    const { state } = pipeline;
    const published = getPublished(state);
    const version = published ?? getVersion(state);
    const candidate = findCandidate(state);
    return {
      record:
        version === null
          ? null
          : findRecordUnder(secretDigest, pipeline, version, published === null ? 'inactive' : 'active'),
      // A version is live once it is so under the pipeline's own URL; that of the old one follows.
      deployment:
        candidate?.stage === 'publishing' && pipeline.secretDigest === secretDigest ? candidate.deployment : null,
    };
  }

  function onOutcome(
    secretDigest: string,
    { deployment }: Target,
    { ok, tries }: { ok: boolean; tries: number },
  ): void {
    if (deployment === null) return;
    const pipeline = pipelines.findBySecret(secretDigest);
    // Gone, or under a new secret, whose own record is on its way.
    if (pipeline === null) return;
    const reason = `Storage did not take the pipeline's record (try ${tries}); it is tried again.`;
    const event = ok
      ? ({ type: 'publish', deployment, at: at() } as const)
      : ({ type: 'delay', deployment, reason } as const);
    pipelines.apply(pipeline, event, 'system');
  }

  return {
    ...deps,
    account,
    models,
    pipelines,
    publications,
    events,
    usage,
    at,
    findHead,
    findVersion,
    toModel,
    getCap,
    findRecord,
    findRecordUnder,
    toTarget,
  };
}
