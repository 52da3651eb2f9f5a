// The tables of an account object, as the steps that made them. A step that has been released is never edited: a
// change is a new step at the end. An object that holds no account has no tables and writes nothing.

const STEPS: readonly string[] = [
  `
  CREATE TABLE account (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    plan TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    tutorial_digest TEXT NOT NULL,
    created_at TEXT NOT NULL
  ) STRICT;

  CREATE TABLE models (
    id TEXT PRIMARY KEY,
    position INTEGER NOT NULL UNIQUE,
    name TEXT NOT NULL,
    last_version INTEGER NOT NULL,
    created_at TEXT NOT NULL
  ) STRICT;

  CREATE TABLE versions (
    model_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    source TEXT NOT NULL,
    task TEXT NOT NULL,
    digest TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    optimise INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (model_id, version)
  ) STRICT;
  CREATE INDEX versions_by_digest ON versions (digest);

  CREATE TABLE documents (
    model_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (model_id, version, kind)
  ) STRICT;

  CREATE TABLE pipelines (
    model_id TEXT PRIMARY KEY,
    secret TEXT,
    secret_digest TEXT UNIQUE,
    status TEXT NOT NULL,
    version INTEGER,
    activated_at TEXT,
    reason TEXT,
    candidate_version INTEGER,
    candidate_stage TEXT,
    candidate_reason TEXT,
    deployment INTEGER NOT NULL DEFAULT 0,
    check_starts INTEGER NOT NULL DEFAULT 0,
    check_tries INTEGER NOT NULL DEFAULT 0,
    check_due_at INTEGER
  ) STRICT;

  CREATE TABLE publications (
    secret_digest TEXT PRIMARY KEY,
    wanted INTEGER NOT NULL,
    written INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    last_write_at INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    model_id TEXT,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    event TEXT NOT NULL,
    status TEXT,
    version INTEGER,
    reason TEXT
  ) STRICT;
  CREATE INDEX events_by_model ON events (model_id, id);
  `,
  'ALTER TABLE publications ADD COLUMN given_up INTEGER NOT NULL DEFAULT 0;',
  // What is looked for at every activation is found without reading the other models of the account.
  `
  CREATE INDEX pipelines_in_use ON pipelines (status) WHERE status IN ('active', 'deploying');
  CREATE INDEX pipelines_to_check ON pipelines (check_due_at) WHERE check_due_at IS NOT NULL;
  CREATE INDEX publications_to_write ON publications (due_at) WHERE wanted > written;
  `,
  // The old secret of a rotation with grace, the cap, and what was counted.
  `
  ALTER TABLE pipelines ADD COLUMN rotation INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE pipelines ADD COLUMN old_secret TEXT;
  ALTER TABLE pipelines ADD COLUMN old_secret_digest TEXT;
  ALTER TABLE pipelines ADD COLUMN old_until INTEGER;
  ALTER TABLE pipelines ADD COLUMN daily_cap INTEGER;
  ALTER TABLE pipelines ADD COLUMN on_cap TEXT NOT NULL DEFAULT 'refuse';
  ALTER TABLE pipelines ADD COLUMN capped_day INTEGER;
  CREATE UNIQUE INDEX pipelines_by_old_secret ON pipelines (old_secret_digest) WHERE old_secret_digest IS NOT NULL;
  CREATE INDEX pipelines_to_end ON pipelines (old_until) WHERE old_until IS NOT NULL;

  CREATE TABLE usage (
    model_id TEXT NOT NULL,
    hour INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    calls INTEGER NOT NULL,
    predictions INTEGER NOT NULL,
    counted INTEGER NOT NULL,
    PRIMARY KEY (model_id, hour, outcome)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE page_calls (
    model_id TEXT NOT NULL,
    origin TEXT NOT NULL,
    calls INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (model_id, origin)
  ) STRICT, WITHOUT ROWID;
  `,
];

/** Whether the object holds an account, or is on the way to one. Reads only. */
export function hasTables(sql: SqlStorage): boolean {
  return sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'").toArray().length > 0;
}

/** Brings the tables to the newest step. Call it in a transaction. @returns how many steps were taken. */
export function migrate(sql: SqlStorage, at: string): number {
  sql.exec('CREATE TABLE IF NOT EXISTS migrations (step INTEGER PRIMARY KEY, at TEXT NOT NULL) STRICT');
  const [done] = sql.exec<{ step: number | null }>('SELECT MAX(step) AS step FROM migrations').toArray();
  const first = done?.step ?? 0;
  if (first > STEPS.length) throw new Error(`The tables are of step ${first}, newer than this Worker.`);
  for (const [i, step] of STEPS.entries()) {
    if (i < first) continue;
    sql.exec(step);
    sql.exec('INSERT INTO migrations (step, at) VALUES (?, ?)', i + 1, at);
  }
  return STEPS.length - first;
}
