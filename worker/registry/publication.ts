// Makes KV agree with the object. What is kept is not a value but a wish: "the record of this secret has changed". The
// value is what holds when it is written, so a later change replaces an earlier one and an old value is never written.
import { LIMITS } from '../limits.ts';
import { type PipelineRecord, pipelineKey } from './records.ts';
import { settleWithin, sleep } from './time.ts';

/** What KV is to hold for a secret. */
export interface Target {
  /** null: nothing, the secret is not in use. */
  readonly record: PipelineRecord | null;
  /** Given back with the outcome: the deployment that this record makes live, or null. */
  readonly deployment: number | null;
}

export interface Publications {
  /** Notes that the record of this secret has changed; part of the transaction that changed it. */
  want(secretDigest: string): void;
  /** Whether KV has ever held a record of this secret, whether it is to hold one, and how often it lately refused one. */
  getProgress(secretDigest: string): { published: boolean; known: boolean; tries: number };
  /** Writes what is due. @returns when all that it has started has ended. */
  flush(): Promise<void>;
  /** Writes until KV agrees about this secret, but no longer than PUBLISH_WAIT_MS. */
  settle(secretDigest: string): Promise<void>;
  /** When there is something to write, or null. */
  nextAt(): number | null;
}

export interface PublicationDeps {
  readonly sql: SqlStorage;
  readonly transaction: (work: () => void) => void;
  /** Writes a value into KV; null deletes it. */
  readonly write: (key: string, value: string | null) => Promise<void>;
  readonly now: () => number;
  /** Called when something has become due by itself. */
  readonly wake: () => void;
  /** The truth at this moment. */
  readonly toTarget: (secretDigest: string) => Target;
  /**
   * `ok`: KV holds the target now. Otherwise it will be tried again, and `tries` says how often it was. Part of the
   * transaction that notes it: what is written and never followed up would be "deploying" for ever.
   */
  readonly onOutcome: (secretDigest: string, target: Target, outcome: { ok: boolean; tries: number }) => void;
}

type Row = { secret_digest: string; wanted: number; written: number; tries: number };

const WAIT_STEP_MS = 20;

export function createPublications({
  sql,
  transaction,
  write,
  now,
  wake,
  toTarget,
  onOutcome,
}: PublicationDeps): Publications {
  /** Two writes of one key at the same time could arrive in either order. */
  const inFlight = new Set<string>();

  function want(secretDigest: string): void {
    sql.exec(
      `INSERT INTO publications (secret_digest, wanted, due_at) VALUES (?1, 1, ?2)
       ON CONFLICT DO UPDATE SET wanted = wanted + 1, tries = 0, due_at = MAX(?2, last_write_at + ?3)`,
      secretDigest,
      now(),
      LIMITS.KV_WRITE_INTERVAL_MS,
    );
  }

  function find(secretDigest: string): Row | null {
    const [row] = sql
      .exec<Row>('SELECT secret_digest, wanted, written, tries FROM publications WHERE secret_digest = ?', secretDigest)
      .toArray();
    return row ?? null;
  }

  function findDue(): Row | null {
    const due = sql.exec<Row>(
      `SELECT secret_digest, wanted, written, tries FROM publications
       WHERE wanted > written AND due_at <= ? ORDER BY due_at LIMIT ?`,
      now(),
      inFlight.size + 1,
    );
    return due.toArray().find(({ secret_digest }) => !inFlight.has(secret_digest)) ?? null;
  }

  async function publish({ secret_digest: digest, wanted, tries: before }: Row): Promise<void> {
    const startedAt = now();
    const tries = before + 1;
    const wait = Math.min(LIMITS.KV_RETRY_MAX_MS, LIMITS.KV_RETRY_MS * 2 ** (tries - 1));
    // Written before the try, so that a restart in the middle of it neither forgets nor hurries the next one.
    sql.exec(
      'UPDATE publications SET tries = ?, last_write_at = ?, due_at = ? WHERE secret_digest = ?',
      tries,
      startedAt,
      startedAt + wait,
      digest,
    );
    const target = toTarget(digest);
    const value = target.record === null ? null : JSON.stringify(target.record);
    inFlight.add(digest);
    // One that was given up may still arrive, after a later one: then the truth is written again.
    const settled = await settleWithin(write(pipelineKey(digest), value), LIMITS.KV_WRITE_TIMEOUT_MS, () => {
      want(digest);
      wake();
    });
    inFlight.delete(digest);
    if (settled === 'given_up') sql.exec('UPDATE publications SET given_up = 1 WHERE secret_digest = ?', digest);
    const ok = settled === 'done';
    transaction(() => {
      if (ok) noteWritten(digest, wanted, target);
      onOutcome(digest, target, { ok, tries });
    });
  }

  function noteWritten(digest: string, wanted: number, { record }: Target): void {
    // After one that was given up, once more when it must have ended: this isolate may not be there to see it.
    sql.exec(
      `UPDATE publications SET written = ?1, tries = 0, due_at = last_write_at + IIF(given_up, ?3, ?2),
        wanted = wanted + given_up, given_up = 0 WHERE secret_digest = ?4`,
      wanted,
      LIMITS.KV_WRITE_INTERVAL_MS,
      LIMITS.KV_WRITE_TIMEOUT_MS,
      digest,
    );
    // Secrets are never used twice: nothing more will be written for this one.
    if (record === null) sql.exec('DELETE FROM publications WHERE secret_digest = ? AND wanted = written', digest);
  }

  async function flush(): Promise<void> {
    const work = async () => {
      for (let due = findDue(); due !== null && inFlight.size < LIMITS.KV_WRITES_AT_ONCE; due = findDue()) {
        await publish(due);
      }
    };
    await Promise.all(Array.from({ length: LIMITS.KV_WRITES_AT_ONCE }, work));
  }

  return {
    want,
    flush,
    getProgress(secretDigest) {
      const row = find(secretDigest);
      return { published: (row?.written ?? 0) > 0, known: row !== null, tries: row?.tries ?? 0 };
    },
    async settle(secretDigest) {
      const until = now() + LIMITS.PUBLISH_WAIT_MS;
      while (now() < until) {
        // A slow write of another key must not hold this call.
        void flush();
        const row = find(secretDigest);
        if (row === null || row.written >= row.wanted) return;
        await sleep(WAIT_STEP_MS);
      }
    },
    nextAt() {
      const rows = sql.exec<{ secret_digest: string; due_at: number }>(
        'SELECT secret_digest, due_at FROM publications WHERE wanted > written ORDER BY due_at LIMIT ?',
        inFlight.size + 1,
      );
      // What is on its way is looked after as well, or a restart would leave it to chance, but not at every moment.
      const soon = now() + LIMITS.KV_WRITE_INTERVAL_MS;
      const times = rows
        .toArray()
        .map((row) => (inFlight.has(row.secret_digest) ? Math.max(row.due_at, soon) : row.due_at));
      return times.length === 0 ? null : Math.min(...times);
    },
  };
}
