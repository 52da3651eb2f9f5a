// A Worker of nothing but account objects, for tests: their methods over HTTP, a KV that can be told to fail, to be slow
// or to kill the object, and a check that answers what it is told. Bundled by account-lab.ts.
import { type AccountObjectDeps, defineAccountObject } from '../../worker/registry/account-object.ts';
import type { CheckOutcome } from '../../worker/registry/deployment.ts';
import { createHash } from '../../worker/registry/hash.ts';
import { createReader } from '../../worker/registry/reader.ts';
import type { PipelineRecord } from '../../worker/registry/records.ts';

interface TestEnv {
  KV: KVNamespace;
  ACCOUNTS: DurableObjectNamespace;
}

/** What tests set; the object and the fetch handler share an isolate. */
export interface Faults {
  /** This many of the next writes of pipeline records fail. */
  failWrites?: number;
  /** Writes of pipeline records fail until this moment. */
  failUntil?: number;
  /** Writes of model bytes fail. */
  failModels?: boolean;
  /** A write takes so long. */
  slowMs?: number;
  /** The object is aborted at the next write of a pipeline record: before it arrives, or after. */
  abort?: 'before' | 'after' | undefined;
  /** What checks answer; `die` aborts the object, `throw` throws. */
  check?: CheckOutcome | 'die' | 'throw';
  checkMs?: number;
  /** How far the clock is ahead. */
  aheadMs?: number;
  /** Versions whose check fails. */
  badVersions?: number[];
}

/** One object is broken once: at its n-th step from now on, a step being a call of storage, of KV or of the check. */
export interface FaultPoint {
  readonly step: number;
  /** The step fails; or the object is ended before it, or after it. */
  readonly how: 'fail' | 'before' | 'after';
}

let faults: Faults = {};
/** By the object's id; they outlive the object. */
const points = new Map<string, { taken: number; point: FaultPoint | null; struck: string | null }>();
const running = new Map<string, DurableObjectState>();
/** The object whose constructor is running. */
let constructing = '';
let abort: () => void = () => undefined;
const log: { at: number; key: string; value: string | null; ok: boolean }[] = [];
let checks = 0;
const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];

const now = () => Date.now() + (faults.aheadMs ?? 0);
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Counts a step. @returns how it is to be broken, if it is. */
function strike(id: string, name: string): FaultPoint['how'] | null {
  const at = points.get(id);
  if (at === undefined) return null;
  at.taken += 1;
  if (at.struck !== null || at.point?.step !== at.taken) return null;
  at.struck = name;
  return at.point.how;
}

function end(id: string): never {
  running.get(id)?.abort('fault');
  throw new Error('The object is gone.');
}

async function step<T>(id: string, name: string, work: () => Promise<T>): Promise<T> {
  const how = strike(id, name);
  if (how === 'fail') throw new Error(`${name} failed`);
  if (how === 'before') end(id);
  const result = await work();
  return how === 'after' ? end(id) : result;
}

/** Makes steps of what an object asks of its storage. */
function breakStorage(id: string, storage: DurableObjectStorage): void {
  const { transactionSync, setAlarm, sync } = storage;
  storage.transactionSync = (work) => {
    const how = strike(id, 'transaction');
    if (how === 'fail') throw new Error('transaction failed');
    if (how === 'before') end(id);
    const result = transactionSync.call(storage, work) as ReturnType<typeof work>;
    return how === 'after' ? end(id) : result;
  };
  storage.setAlarm = (at, options) => step(id, 'alarm', () => setAlarm.call(storage, at, options));
  storage.sync = () => step(id, 'sync', () => sync.call(storage));
}

async function write(key: string, value: string | null, done: () => Promise<void>): Promise<void> {
  const at = Date.now();
  if (key.startsWith('model:')) {
    if (faults.failModels) throw new Error(`KV PUT failed: 500 ${key}`);
    return done();
  }
  const fail = (faults.failWrites ?? 0) > 0 || at < (faults.failUntil ?? 0);
  log.push({ at, key, value, ok: !fail });
  if (fail) {
    faults.failWrites = (faults.failWrites ?? 0) - 1;
    throw new Error(`KV PUT failed: 500 ${key}`);
  }
  if (faults.abort === 'before') {
    faults.abort = undefined;
    abort();
    throw new Error('The object is gone.');
  }
  if (faults.slowMs) await wait(faults.slowMs);
  await done();
  if (faults.abort === 'after') {
    faults.abort = undefined;
    abort();
  }
}

async function check(record: PipelineRecord): Promise<CheckOutcome> {
  checks += 1;
  if (faults.checkMs) await wait(faults.checkMs);
  if (faults.check === 'die') {
    abort();
    await wait(10_000);
  }
  if (faults.check === 'throw') throw new Error('unexpected');
  if (faults.badVersions?.includes(record.version)) return { ok: false, retry: false, reason: 'row 1 differs.' };
  return typeof faults.check === 'object' ? faults.check : { ok: true };
}

/** The id of an account's object, once it has been armed. */
const ids = new Map<string, string>();
const idOf = (account: string): string => ids.get(account) ?? '';

const deps: AccountObjectDeps<TestEnv> = {
  check: (record) => step(idOf(record.account_id), 'check', () => check(record)),
  kv: ({ KV }) => {
    const id = constructing;
    return {
      put: (key, value) =>
        step(id, 'put', () =>
          write(key, typeof value === 'string' ? value : null, () => KV.put(key, value as string | ArrayBufferView)),
        ),
      delete: (key) => step(id, 'delete', () => write(key, null, () => KV.delete(key))),
    };
  },
  now,
  random: (bytes) => crypto.getRandomValues(bytes),
  tutorial: {
    name: 'Iris (tutorial)',
    manifest: {
      manifest_version: 1,
      task: 'classification',
      features: [{ name: 'x', type: 'number' }],
      inputs: [{ name: 'X', dtype: 'float32', shape: [null, 1], features: ['x'] }],
      output: {},
      batch: 'dynamic',
    },
    model: { digest: 'tutorial', bytes: 1, optimise: false },
    report: {},
    golden: [],
  },
};

export class AccountObject extends defineAccountObject<TestEnv>(deps) {
  constructor(ctx: DurableObjectState, env: TestEnv) {
    const { sql } = ctx.storage;
    const exec = sql.exec.bind(sql);
    const counted = (text: string, ...bindings: SqlStorageValue[]) => {
      const cursor = exec(text, ...bindings);
      cursors.push(cursor);
      return cursor;
    };
    sql.exec = counted as SqlStorage['exec'];
    constructing = ctx.id.toString();
    running.set(constructing, ctx);
    breakStorage(constructing, ctx.storage);
    super(ctx, env);
    abort = () => ctx.abort('test');
  }

  /** For tests alone: a restart of the object. */
  abortNow(): void {
    this.ctx.abort('test');
  }

  /** For tests alone: what its tables hold. */
  query(text: string): unknown[] {
    return this.ctx.storage.sql.exec(text).toArray();
  }

  /** For tests alone: how many rows SQLite has looked at since it was asked last. */
  rowsRead(): number {
    return cursors.splice(0).reduce((sum, { rowsRead }) => sum + rowsRead, 0);
  }

  /** For tests alone: how much it stores. */
  async storedBytes(): Promise<{ tables: number; alarm: number | null }> {
    const tables = this.ctx.storage.sql.exec("SELECT name FROM sqlite_master WHERE type = 'table'").toArray();
    return {
      tables: tables.filter(({ name }) => !String(name).startsWith('_cf')).length,
      alarm: await this.ctx.storage.getAlarm(),
    };
  }
}

let reader: ReturnType<typeof createReader> | undefined;

type Method = (...args: unknown[]) => Promise<unknown>;

async function handle(request: Request, env: TestEnv): Promise<unknown> {
  const { pathname } = new URL(request.url);
  const body = (await request.json()) as {
    account: string;
    method: string;
    args: unknown[];
    faults: Faults;
    secret: string;
    key: string;
    point: FaultPoint | null;
  };
  const stub = (account: string) => env.ACCOUNTS.getByName(account) as unknown as Record<string, Method>;
  switch (pathname) {
    case '/call': {
      const args = body.args.map(revive);
      return stub(body.account)[body.method]?.(...args);
    }
    case '/faults':
      faults = body.faults;
      return {};
    case '/arm': {
      const id = env.ACCOUNTS.idFromName(body.account).toString();
      ids.set(body.account, id);
      const before = points.get(id);
      points.set(id, { taken: 0, point: body.point, struck: null });
      return { taken: before?.taken ?? 0, struck: before?.struck ?? null };
    }
    case '/log':
      return { log, checks };
    case '/kv':
      return env.KV.get(body.key, 'json');
    case '/has':
      return { bytes: (await env.KV.get(body.key, 'arrayBuffer'))?.byteLength ?? null };
    case '/read':
    case '/forget': {
      reader ??= createReader(
        env.KV,
        new Map(),
        now,
        async (account, digest) => (await stub(account).findRecord?.(digest)) as never,
        createHash,
      );
      if (pathname === '/forget') return reader.forget(body.secret, body.account) ?? {};
      return reader.getPipeline(body.secret).catch((error: { code: string }) => ({ code: error.code }));
    }
    default:
      throw new Error('No such call.');
  }
}

/** Bytes come as text. */
function revive(arg: unknown): unknown {
  if (typeof arg !== 'object' || arg === null || !('model' in arg) || typeof arg.model !== 'string') return arg;
  return { ...arg, model: new TextEncoder().encode(arg.model) };
}

export default {
  async fetch(request: Request, env: TestEnv): Promise<Response> {
    try {
      return Response.json((await handle(request, env)) ?? null);
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
};
