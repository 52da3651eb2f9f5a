// What the account object offers to the Worker: every method's input and result, as plain data. Expected failures are
// results, never exceptions: an exception that crosses an RPC loses its class.
import type { ErrorCode } from '../errors.ts';
import type { PlanName } from '../limits.ts';
import type { Manifest, Scalar } from '../pipeline/manifest.ts';
import type { RawValue } from '../pipeline/row.ts';
import type { UsageReport, UsageVerdict } from '../pipeline/usage.ts';
import type { PipelineRecord } from './records.ts';

/** The failures that an account object answers. */
export type RefusalCode = Extract<
  ErrorCode,
  | 'unauthorized'
  | 'account_exists'
  | 'invalid_input'
  | 'model_not_found'
  | 'version_not_found'
  | 'quota_exceeded'
  | 'limit_reached'
  | 'conflict'
  | 'model_active'
  | 'tutorial_always_active'
  | 'body_too_large'
  | 'model_unavailable'
>;

export interface Refusal {
  readonly ok: false;
  readonly code: RefusalCode;
  readonly message: string;
  /** With quota_exceeded: what holds the places. */
  readonly active?: readonly ActiveModel[];
}

export type Result<T> = ({ readonly ok: true } & T) | Refusal;

export type PipelineStatus = 'inactive' | 'deploying' | 'active' | 'failed';
/** What happens when the daily cap is reached: calls are refused until 00:00 UTC, or the pipeline is switched off. */
export type OnCap = 'refuse' | 'pause';
export type Actor = 'admin' | 'owner' | 'system';

export interface ActiveModel {
  readonly id: string;
  readonly name: string;
  readonly status: PipelineStatus;
}

/** A row and the answer that the model gave it at import: a loaded model must still give it. */
export interface GoldenRow {
  readonly row: Readonly<Record<string, RawValue>>;
  readonly answer: { readonly prediction: Scalar | readonly number[]; readonly probability?: readonly number[] };
}

export interface CreateAccount {
  readonly account_id: string;
  readonly name: string;
  readonly plan: PlanName;
}

/** A version to be: what import returns, and the name for a new model. */
export interface NewVersion {
  readonly manifest: Manifest;
  /** The ONNX bytes to serve. */
  readonly model: Uint8Array;
  readonly report: object;
  readonly golden: readonly GoldenRow[];
  /** ModelReference.optimise */
  readonly optimise: boolean;
}

export interface NewModel extends NewVersion {
  readonly name: string;
}

/**
 * What is to change of a model. Versions are immutable: an amended manifest is a new version with the same bytes,
 * which is live only once it is activated (and so passes the checks), and which one activation takes back.
 */
export interface ModelPatch {
  readonly name?: string;
  readonly amendment?: {
    /** The version whose bytes it takes, and whose report where none is given. */
    readonly base: number;
    readonly manifest: Manifest;
    readonly golden: readonly GoldenRow[];
    readonly report?: object;
  };
  readonly cap?: CapPatch;
}

export interface CapPatch {
  /** Predictions per UTC day; null: as the plan says. */
  readonly daily_cap?: number | null;
  readonly on_cap?: OnCap;
}

export interface AccountView {
  readonly id: string;
  readonly name: string;
  readonly plan: PlanName;
  readonly created_at: string;
  readonly limits: {
    readonly active_pipelines: number;
    readonly models: number;
    readonly versions_per_model: number;
    readonly model_bytes: number;
  };
  readonly quota: {
    readonly used: number;
    readonly limit: number;
    /** Active or on the way there: these count. */
    readonly counted: readonly ActiveModel[];
    /** Active without counting: the tutorial. */
    readonly not_counted: readonly ActiveModel[];
  };
  readonly models: number;
}

export interface VersionSummary {
  readonly version: number;
  readonly created_at: string;
  /** amendment: made by PATCH, with the bytes of another version. */
  readonly source: 'upload' | 'amendment' | 'tutorial';
  readonly task: Manifest['task'];
  readonly size_bytes: number;
  /** SHA-256 of the bytes served. */
  readonly digest: string;
}

export interface PipelineView {
  readonly status: PipelineStatus;
  /** Why it is not (yet) as wished: a failed check, a storage that does not answer. */
  readonly reason?: string;
  /** The version that serves; of a failed or deploying pipeline the one that was tried; null before the first. */
  readonly version: number | null;
  /** A version on its way to replace the live one. */
  readonly candidate?: number;
  readonly activated_at: string | null;
  readonly daily_cap: number;
  readonly on_cap: OnCap;
  /** The cap is reached: until then calls are refused. */
  readonly limited_until?: string;
  /** Of a rotation with grace: until then the old URL serves as well. */
  readonly old_url_until?: string;
  /** The secret of the URL: only of an active pipeline whose record is published. The route makes `url` of it. */
  readonly secret: string | null;
}

/** task, label, classes, unit, features and report are those of the newest version, which is what `activate` takes. */
export interface ModelView {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
  readonly tutorial: boolean;
  readonly task: Manifest['task'];
  readonly label: string | readonly string[] | null;
  readonly classes: readonly Scalar[] | null;
  readonly unit?: string;
  readonly features: Manifest['features'];
  readonly versions: readonly VersionSummary[];
  readonly report: object;
  readonly pipeline: PipelineView;
  readonly page_calls: PageCallsView;
}

/** Calls from pages to the present secret, which the servers-only rule refused. */
export interface PageCallsView {
  readonly calls: number;
  readonly last_at: string | null;
  /** The latest first; null: those that do not say where they come from, and those past PAGE_ORIGINS. */
  readonly origins: readonly {
    readonly origin: string | null;
    readonly calls: number;
    readonly first_at: string;
    readonly last_at: string;
  }[];
}

export interface UsageView {
  readonly model_id: string;
  /** The last USAGE_HOURS, without gaps, the present one last. */
  readonly hours: readonly {
    readonly at: string;
    readonly calls: number;
    readonly predictions: number;
    /** Calls by HTTP status. */
    readonly statuses: Readonly<Record<string, number>>;
  }[];
  /** Calls of all these hours: `ok`, or the code of an error. */
  readonly codes: Readonly<Record<string, number>>;
  readonly cap: {
    readonly daily_cap: number;
    readonly on_cap: OnCap;
    readonly used: number;
    readonly left: number;
    readonly resets_at: string;
  };
  readonly page_calls: PageCallsView;
}

/** All that is known of one version. */
export interface VersionView extends VersionSummary {
  readonly manifest: Manifest;
  readonly report: object;
  readonly golden: readonly GoldenRow[];
  readonly optimise: boolean;
}

export interface EventView {
  readonly at: string;
  readonly actor: Actor;
  readonly event: string;
  /** The state of the pipeline after it. */
  readonly status: PipelineStatus | null;
  readonly version: number | null;
  readonly reason: string | null;
}

export interface Page {
  /** At most; LIMITS.PAGE_ITEMS where absent. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

/** `forget`: the secrets that this isolate must not trust its memory of any more (Reader.forget). */
export interface Changed {
  readonly model: ModelView;
  readonly forget: readonly string[];
}

/**
 * `tokenHash` is the SHA-256 of the account's token. Every method but `create`, `findRecord` and `addUsage` answers
 * `unauthorized` to another one, and where there is no such account.
 */
export interface AccountApi {
  /** The Worker has checked that an admin asks. The token is in this result and nowhere else. */
  create(input: CreateAccount): Promise<Result<{ account: AccountView; token: string }>>;
  authenticate(tokenHash: string): Promise<Result<{ account_id: string; plan: PlanName }>>;
  getAccount(tokenHash: string): Promise<Result<{ account: AccountView }>>;
  /** The old token is dead with the answer. */
  rotateToken(tokenHash: string): Promise<Result<{ token: string }>>;

  /** The bytes are in storage when it answers; where they cannot be, `model_unavailable` and nothing is kept. */
  addModel(tokenHash: string, input: NewModel): Promise<Result<{ model: ModelView }>>;
  addVersion(tokenHash: string, modelId: string, input: NewVersion): Promise<Result<{ model: ModelView }>>;
  /** In the order of creation, the tutorial first. `next` is null on the last page. */
  listModels(tokenHash: string, page?: Page): Promise<Result<{ models: ModelView[]; next: string | null }>>;
  getModel(tokenHash: string, modelId: string): Promise<Result<{ model: ModelView }>>;
  /** The newest where `version` is absent. */
  getVersion(tokenHash: string, modelId: string, version?: number): Promise<Result<{ version: VersionView }>>;
  patchModel(tokenHash: string, modelId: string, patch: ModelPatch): Promise<Result<Changed>>;
  deleteModel(tokenHash: string, modelId: string): Promise<Result<{ forget: readonly string[] }>>;

  /** The newest version where `version` is absent. Answers at once, `deploying` or what it already was. */
  activate(tokenHash: string, modelId: string, version?: number): Promise<Result<Changed>>;
  deactivate(tokenHash: string, modelId: string): Promise<Result<Changed>>;
  /** A new secret; the old one is dead, or serves for the seconds given. Waits for storage a little, so that the new URL works when it is shown. */
  rotateSecret(tokenHash: string, modelId: string, graceSeconds?: number): Promise<Result<Changed>>;
  getUsage(tokenHash: string, modelId: string): Promise<Result<{ usage: UsageView }>>;
  /** The newest first. Those of a deleted model can still be read. */
  listEvents(
    tokenHash: string,
    modelId: string,
    page?: Page,
  ): Promise<Result<{ events: EventView[]; next: string | null }>>;

  /** The truth about a secret, for a reader that doubts KV; null where it is not (or no longer) in use. */
  findRecord(secretDigest: string): Promise<PipelineRecord | null>;
  /** What an isolate has counted. @returns what is left of the caps; nothing of pipelines that are not this account's. */
  addUsage(report: UsageReport): Promise<UsageVerdict[]>;
}
