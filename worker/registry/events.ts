// The audit log: what happened to an account and its models, when, by whom and why. Bounded: the oldest goes first.
import { LIMITS } from '../limits.ts';
import type { Actor, EventView, PipelineStatus } from './account-api.ts';
import { getVersion, type PipelineEvent, type PipelineState } from './pipeline-state.ts';

/** What the log calls the events of a pipeline. */
const NAMES: Record<PipelineEvent['type'], string> = {
  activate: 'activation_requested',
  pass: 'checks_passed',
  fail: 'deployment_failed',
  delay: 'deployment_delayed',
  publish: 'activated',
  deactivate: 'deactivated',
  pause: 'paused',
};

export interface NewEvent {
  /** null: the account's own. */
  readonly modelId: string | null;
  readonly actor: Actor;
  readonly event: string;
  readonly status?: PipelineStatus;
  readonly version?: number | null;
  readonly reason?: string | null;
}

export interface Events {
  add(event: NewEvent): void;
  /** @param candidate the version on its way before the event, or null. */
  addTransition(
    modelId: string,
    actor: Actor,
    event: PipelineEvent,
    state: PipelineState,
    candidate: number | null,
  ): void;
  /** The newest first. @param before an id of the page before, or null. */
  list(modelId: string, limit: number, before: number | null): { events: EventView[]; next: string | null };
}

export function createEvents(sql: SqlStorage, now: () => number): Events {
  function add({ modelId, actor, event, status, version, reason }: NewEvent): void {
    sql.exec(
      'INSERT INTO events (model_id, at, actor, event, status, version, reason) VALUES (?, ?, ?, ?, ?, ?, ?)',
      modelId,
      new Date(now()).toISOString(),
      actor,
      event,
      status ?? null,
      version ?? null,
      reason ?? null,
    );
    sql.exec(
      'DELETE FROM events WHERE model_id = ?1 AND id <= (SELECT id FROM events WHERE model_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)',
      modelId,
      LIMITS.EVENTS_PER_MODEL,
    );
    sql.exec('DELETE FROM events WHERE id <= (SELECT MAX(id) FROM events) - ?', LIMITS.EVENTS_PER_ACCOUNT);
  }

  return {
    add,
    addTransition(modelId, actor, event, state, candidate) {
      add({
        modelId,
        actor,
        event: NAMES[event.type],
        status: state.status,
        // What became of a candidate is said of it, not of the version that goes on serving.
        version: 'version' in event ? event.version : state.status === 'inactive' ? getVersion(state) : candidate,
        reason: 'reason' in event ? event.reason : null,
      });
    },
    list(modelId, limit, before) {
      const rows = sql
        .exec<{
          id: number;
          at: string;
          actor: string;
          event: string;
          status: string | null;
          version: number | null;
          reason: string | null;
        }>(
          'SELECT id, at, actor, event, status, version, reason FROM events WHERE model_id = ? AND id < ? ORDER BY id DESC LIMIT ?',
          modelId,
          before ?? Number.MAX_SAFE_INTEGER,
          limit + 1,
        )
        .toArray();
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        events: page.map(({ id: _, actor, status, ...row }) => ({
          ...row,
          actor: actor as Actor,
          status: status as PipelineStatus | null,
        })),
        next: rows.length > limit && last !== undefined ? String(last.id) : null,
      };
    },
  };
}
