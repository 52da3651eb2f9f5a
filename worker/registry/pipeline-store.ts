// The rows of pipelines. A transition, its entry in the audit log and the wish that KV learns of it are one step, which
// the caller runs in a transaction.
import type { Actor, OnCap } from './account-api.ts';
import type { Events } from './events.ts';
import { findCandidate, getPublished, next, type PipelineEvent, type PipelineState } from './pipeline-state.ts';
import type { Publications } from './publication.ts';

export interface StoredPipeline {
  readonly modelId: string;
  /** null until it is activated for the first time. */
  readonly secret: string | null;
  /** What KV is keyed by. */
  readonly secretDigest: string | null;
  readonly state: PipelineState;
  /** The number of the last deployment. */
  readonly deployment: number;
  /** How often the secret was rotated. */
  readonly rotation: number;
  /** The secret before this one, while it still serves; `until` in milliseconds. */
  readonly old: OldSecret | null;
  /** Predictions a day as the owner wishes; null: as the plan says. */
  readonly dailyCap: number | null;
  readonly onCap: OnCap;
  /** The day (since 1970) whose cap was reached last, or null. */
  readonly cappedDay: number | null;
}

export interface OldSecret {
  readonly secret: string;
  readonly secretDigest: string;
  readonly until: number;
}

/** A check of a candidate that is to be run. */
export interface DueCheck {
  readonly modelId: string;
  readonly version: number;
  readonly deployment: number;
  /** How often it was started without an end. */
  readonly starts: number;
  /** How often it was started in all. */
  readonly tries: number;
}

export interface PipelineStore {
  insert(modelId: string, state: PipelineState): void;
  find(modelId: string): StoredPipeline | null;
  /** By its secret, or by the old one as long as that serves. */
  findBySecret(secretDigest: string): StoredPipeline | null;
  /** Pipelines that are active or on the way there, but for `exceptId`'s. */
  listInUse(exceptId: string): StoredPipeline[];
  /** How many these are, but for the two. */
  countInUse(exceptId: string, alsoExceptId: string): number;
  remove(modelId: string): void;
  setSecret(modelId: string, secret: string, secretDigest: string): void;
  /** Another secret. @param graceUntil until when the present one goes on serving, or null: it is dead. */
  rotate(pipeline: StoredPipeline, secret: string, secretDigest: string, graceUntil: number | null): void;
  /** Ends old secrets whose time is over. */
  endOld(): void;
  /** When the next of them is, or null. */
  nextEndAt(): number | null;
  setCap(modelId: string, cap: Pick<StoredPipeline, 'dailyCap' | 'onCap' | 'cappedDay'>): void;
  /** Notes that KV is to learn of a change, under every secret that serves. */
  want(pipeline: StoredPipeline): void;
  /** @returns the state after it. */
  apply(pipeline: StoredPipeline, event: PipelineEvent, actor: Actor): PipelineState;
  findDueCheck(now: number): DueCheck | null;
  /** When the next check is due, or null. */
  nextCheckAt(): number | null;
  /** Before a check runs. */
  startCheck(modelId: string): void;
  /** After one that decided nothing. @param ended whether it came to an end at all. */
  postponeCheck(modelId: string, dueAt: number, ended: boolean): void;
}

type Row = {
  model_id: string;
  secret: string | null;
  secret_digest: string | null;
  status: string;
  version: number | null;
  activated_at: string | null;
  reason: string | null;
  candidate_version: number | null;
  candidate_stage: string | null;
  candidate_reason: string | null;
  deployment: number;
  rotation: number;
  old_secret: string | null;
  old_secret_digest: string | null;
  old_until: number | null;
  daily_cap: number | null;
  on_cap: string;
  capped_day: number | null;
};

export function createPipelineStore(
  sql: SqlStorage,
  now: () => number,
  events: Events,
  publications: Publications,
): PipelineStore {
  const IN_USE = "status IN ('active', 'deploying')";
  const query = (where: string, ...bindings: (string | number)[]): StoredPipeline[] =>
    sql
      .exec<Row>(`SELECT * FROM pipelines WHERE ${where}`, ...bindings)
      .toArray()
      .map(toPipeline);

  function want({ secretDigest, old }: StoredPipeline): void {
    if (secretDigest !== null) publications.want(secretDigest);
    if (old !== null) publications.want(old.secretDigest);
  }

  function save(modelId: string, state: PipelineState): void {
    const candidate = findCandidate(state);
    sql.exec(
      `UPDATE pipelines SET status = ?, version = ?, activated_at = ?, reason = ?, candidate_version = ?,
        candidate_stage = ?, candidate_reason = ?, deployment = MAX(deployment, ?) WHERE model_id = ?`,
      state.status,
      state.status === 'deploying' ? null : state.version,
      state.status === 'active' ? state.activatedAt : null,
      'reason' in state ? state.reason : null,
      candidate?.version ?? null,
      candidate?.stage ?? null,
      candidate?.reason ?? null,
      candidate?.deployment ?? 0,
      modelId,
    );
  }

  return {
    insert(modelId, state) {
      sql.exec('INSERT INTO pipelines (model_id, status) VALUES (?, ?)', modelId, state.status);
      save(modelId, state);
    },
    find: (modelId) => query('model_id = ?', modelId)[0] ?? null,
    findBySecret: (secretDigest) =>
      query('secret_digest = ?', secretDigest)[0] ??
      query('old_secret_digest = ? AND old_until > ?', secretDigest, now())[0] ??
      null,
    listInUse: (exceptId) => query(`${IN_USE} AND model_id <> ? ORDER BY rowid`, exceptId),
    countInUse: (exceptId, alsoExceptId) =>
      sql
        .exec<{ n: number }>(
          `SELECT COUNT(*) AS n FROM pipelines WHERE ${IN_USE} AND model_id NOT IN (?, ?)`,
          exceptId,
          alsoExceptId,
        )
        .one().n,
    remove(modelId) {
      sql.exec('DELETE FROM pipelines WHERE model_id = ?', modelId);
    },
    setSecret(modelId, secret, secretDigest) {
      sql.exec('UPDATE pipelines SET secret = ?, secret_digest = ? WHERE model_id = ?', secret, secretDigest, modelId);
    },
    rotate(pipeline, secret, secretDigest, graceUntil) {
      // At most one old secret serves: an earlier one is dead now, and so is this one without grace.
      want(pipeline);
      const old = graceUntil === null ? null : pipeline;
      sql.exec(
        `UPDATE pipelines SET secret = ?, secret_digest = ?, rotation = rotation + 1, old_secret = ?,
          old_secret_digest = ?, old_until = ? WHERE model_id = ?`,
        secret,
        secretDigest,
        old?.secret ?? null,
        old?.secretDigest ?? null,
        graceUntil,
        pipeline.modelId,
      );
    },
    endOld() {
      for (const { modelId, old, state } of query('old_until <= ?', now())) {
        sql.exec(
          'UPDATE pipelines SET old_secret = NULL, old_secret_digest = NULL, old_until = NULL WHERE model_id = ?',
          modelId,
        );
        if (old !== null) publications.want(old.secretDigest);
        events.add({ modelId, actor: 'system', event: 'old_url_ended', status: state.status });
      }
    },
    nextEndAt: () =>
      sql.exec<{ at: number | null }>('SELECT MIN(old_until) AS at FROM pipelines WHERE old_until IS NOT NULL').one()
        .at,
    setCap(modelId, { dailyCap, onCap, cappedDay }) {
      sql.exec(
        'UPDATE pipelines SET daily_cap = ?, on_cap = ?, capped_day = ? WHERE model_id = ?',
        dailyCap,
        onCap,
        cappedDay,
        modelId,
      );
    },
    want,
    apply(pipeline, event, actor) {
      const { modelId, state: before } = pipeline;
      const state = next(before, event);
      if (state === before) return state;
      save(modelId, state);
      const candidate = findCandidate(state);
      if (candidate?.stage !== 'checking') {
        sql.exec('UPDATE pipelines SET check_due_at = NULL WHERE model_id = ?', modelId);
      } else if (candidate.deployment !== findCandidate(before)?.deployment) {
        sql.exec(
          'UPDATE pipelines SET check_due_at = ?, check_starts = 0, check_tries = 0 WHERE model_id = ?',
          now(),
          modelId,
        );
      }
      // Of an outage the first delay alone is an event: each try would push out the rest of the log.
      const isRepeated = event.type === 'delay' && findCandidate(before)?.reason != null;
      if (!isRepeated) events.addTransition(modelId, actor, event, state, findCandidate(before)?.version ?? null);
      if (getPublished(before) !== getPublished(state)) want(pipeline);
      return state;
    },
    findDueCheck(at) {
      const [row] = sql
        .exec<DueCheck & Record<string, SqlStorageValue>>(
          `SELECT model_id AS modelId, candidate_version AS version, deployment, check_starts AS starts,
            check_tries AS tries FROM pipelines WHERE check_due_at <= ? ORDER BY check_due_at LIMIT 1`,
          at,
        )
        .toArray();
      return row ?? null;
    },
    nextCheckAt: () =>
      sql
        .exec<{ at: number | null }>('SELECT MIN(check_due_at) AS at FROM pipelines WHERE check_due_at IS NOT NULL')
        .one().at,
    startCheck(modelId) {
      sql.exec(
        'UPDATE pipelines SET check_starts = check_starts + 1, check_tries = check_tries + 1 WHERE model_id = ?',
        modelId,
      );
    },
    postponeCheck(modelId, dueAt, ended) {
      sql.exec('UPDATE pipelines SET check_due_at = ? WHERE model_id = ?', dueAt, modelId);
      if (ended) sql.exec('UPDATE pipelines SET check_starts = 0 WHERE model_id = ?', modelId);
    },
  };
}

function toPipeline(row: Row): StoredPipeline {
  return {
    modelId: row.model_id,
    secret: row.secret,
    secretDigest: row.secret_digest,
    state: toState(row),
    deployment: row.deployment,
    rotation: row.rotation,
    old: toOld(row),
    dailyCap: row.daily_cap,
    onCap: row.on_cap === 'pause' ? 'pause' : 'refuse',
    cappedDay: row.capped_day,
  };
}

/** Those that callers may still hold. */
export function listSecrets({ secret, old }: StoredPipeline): string[] {
  return [secret, old?.secret ?? null].filter((each) => each !== null);
}

function toOld({ old_secret: secret, old_secret_digest: secretDigest, old_until: until }: Row): OldSecret | null {
  return secret === null || secretDigest === null || until === null ? null : { secret, secretDigest, until };
}

function toState(row: Row): PipelineState {
  const candidate =
    row.candidate_version === null
      ? null
      : {
          version: row.candidate_version,
          stage: row.candidate_stage === 'publishing' ? ('publishing' as const) : ('checking' as const),
          deployment: row.deployment,
          reason: row.candidate_reason,
        };
  switch (row.status) {
    case 'deploying':
      if (candidate !== null) return { status: 'deploying', candidate };
      break;
    case 'active':
      if (row.version !== null) {
        const { version, reason } = row;
        return { status: 'active', version, activatedAt: row.activated_at ?? '', candidate, reason };
      }
      break;
    case 'failed':
      if (row.version !== null) return { status: 'failed', version: row.version, reason: row.reason ?? '' };
      break;
  }
  return { status: 'inactive', version: row.version, ...(row.reason === null ? {} : { reason: row.reason }) };
}
