// A Worker of nothing but account objects, for tests: their methods over HTTP, a KV that can be told to fail, to be slow
// or to kill the object, and a check that answers what it is told. Bundled by account-lab.ts.
import { type AccountObjectDeps, defineAccountObject } from '../../worker/registry/account-object.ts';
import type { CheckOutcome } from '../../worker/registry/deployment.ts';
import { createHash } from '../../worker/registry/hash.ts';
import { createReader } from '../../worker/registry/reader.ts';

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

let faults: Faults = {};
let abort: () => void = () => undefined;
const log: { at: number; key: string; value: string | null; ok: boolean }[] = [];
let checks = 0;
const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];

const now = () => Date.now() + (faults.aheadMs ?? 0);
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

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

const deps: AccountObjectDeps<TestEnv> = {
  async check(record) {
    checks += 1;
    if (faults.checkMs) await wait(faults.checkMs);
    if (faults.check === 'die') {
      abort();
      await wait(10_000);
    }
    if (faults.check === 'throw') throw new Error('unexpected');
    if (faults.badVersions?.includes(record.version)) return { ok: false, retry: false, reason: 'row 1 differs.' };
    return typeof faults.check === 'object' ? faults.check : { ok: true };
  },
  kv: ({ KV }) => ({
    put: (key, value) =>
      write(key, typeof value === 'string' ? value : null, () => KV.put(key, value as string | ArrayBufferView)),
    delete: (key) => write(key, null, () => KV.delete(key)),
  }),
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
