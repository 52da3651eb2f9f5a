// Account objects in workerd, driven from Node: accounts, models, faults, restarts, and what KV holds meanwhile.
import { join } from 'node:path';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import type { AccountApi, ModelView, NewModel, Result } from '../../worker/registry/account-api.ts';
import type { PipelineRecord } from '../../worker/registry/records.ts';
import { toDigest } from '../../worker/registry/secret.ts';
import { createAccountId } from '../../worker/registry/token.ts';
import type { FaultPoint, Faults } from './account-worker.ts';

export type Ok<T> = Extract<T, { ok: true }>;

export interface TestAccount {
  readonly id: string;
  readonly token: string;
  /** Calls a method with the token's hash. */
  readonly api: {
    [M in keyof AccountApi]: AccountApi[M] extends (hash: string, ...rest: infer A) => infer R
      ? (...args: A) => R
      : never;
  };
  /** Adds a model of one version. */
  add(name?: string, text?: string): Promise<ModelView>;
  /** Waits until the pipeline's status is as wished. */
  until(modelId: string, wished: (model: ModelView) => boolean, ms?: number): Promise<ModelView>;
  activated(modelId: string, version?: number): Promise<ModelView>;
  restart(): Promise<void>;
  query<T>(sql: string): Promise<T[]>;
  /** The secret, whatever the pipeline's state. */
  secretOf(modelId: string): Promise<string>;
}

export interface Lab {
  call(account: string, method: string, ...args: unknown[]): Promise<unknown>;
  createAccount(plan?: 'trial' | 'standard'): Promise<TestAccount>;
  fault(faults: Faults): Promise<void>;
  /** Breaks an object at a step from now on. @returns what became of the last time. */
  arm(account: string, point: FaultPoint | null): Promise<{ taken: number; struck: string | null }>;
  log(): Promise<{ log: { at: number; key: string; value: string | null; ok: boolean }[]; checks: number }>;
  kv(secret: string): Promise<PipelineRecord | null>;
  holdsModel(text: string): Promise<boolean>;
  read(secret: string): Promise<PipelineRecord | { code: string }>;
  forget(secret: string, account: string): Promise<void>;
  dispose(): Promise<void>;
}

let script: Promise<string> | undefined;

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'account-worker.ts')],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    external: ['cloudflare:workers'],
  });
  return outputFiles[0]?.text ?? '';
}

/** @param folder of a Worker that has ended: its account objects are looked at. */
export async function startLab(folder?: string): Promise<Lab> {
  script ??= bundle();
  const miniflare = new Miniflare({
    modules: true,
    script: await script,
    compatibilityDate: '2026-05-03',
    kvNamespaces: ['KV'],
    durableObjects: { ACCOUNTS: { className: 'AccountObject', useSQLite: true } },
    cf: false,
    ...(folder === undefined ? {} : { durableObjectsPersist: join(folder, 'do') }),
    handleStructuredLogs: () => undefined,
  });
  const { origin } = await miniflare.ready;

  async function post<T>(path: string, body: object): Promise<T> {
    const response = await fetch(origin + path, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as T;
  }
  const call: Lab['call'] = (account, method, ...args) => post('/call', { account, method, args });

  async function createAccount(plan: 'trial' | 'standard' = 'trial'): Promise<TestAccount> {
    const id = createAccountId((bytes) => crypto.getRandomValues(bytes));
    const created = (await call(id, 'create', { account_id: id, name: 'Test', plan })) as Result<{ token: string }>;
    if (!created.ok) throw new Error(created.message);
    const { token } = created;
    const hash = await toDigest(token);
    const api = new Proxy({} as TestAccount['api'], {
      get:
        (_, method) =>
        (...args: unknown[]) =>
          call(id, String(method), hash, ...args),
    });
    const until: TestAccount['until'] = async (modelId, wished, ms = 10_000) => {
      const end = Date.now() + ms;
      for (;;) {
        const shown = await api.getModel(modelId).catch(() => null);
        if (shown?.ok && wished(shown.model)) return shown.model;
        if (Date.now() > end) throw new Error(`Still ${JSON.stringify(shown?.ok ? shown.model.pipeline : shown)}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    return {
      id,
      token,
      api,
      until,
      async add(name = 'Wine', text = name) {
        const added = await api.addModel(toModel(name, text));
        if (!added.ok) throw new Error(added.message);
        return added.model;
      },
      async activated(modelId, version) {
        await api.activate(modelId, ...(version === undefined ? [] : [version]));
        return until(modelId, ({ pipeline }) => pipeline.status === 'active' && pipeline.candidate === undefined);
      },
      restart: () =>
        call(id, 'abortNow').then(
          () => undefined,
          () => undefined,
        ),
      query: <T>(sql: string) => call(id, 'query', sql) as Promise<T[]>,
      async secretOf(modelId) {
        const rows = (await call(id, 'query', `SELECT secret FROM pipelines WHERE model_id = '${modelId}'`)) as {
          secret: string;
        }[];
        return rows[0]?.secret ?? '';
      },
    };
  }

  return {
    call,
    createAccount,
    fault: (faults) => post('/faults', { faults }),
    arm: (account, point) => post('/arm', { account, point }),
    log: () => post('/log', {}),
    kv: async (secret) => post('/kv', { key: `pipeline:${await toDigest(secret)}` }),
    async holdsModel(text) {
      const { bytes } = await post<{ bytes: number | null }>('/has', { key: `model:${await toDigest(text)}` });
      return bytes !== null;
    },
    read: (secret) => post('/read', { secret }),
    forget: (secret, account) => post('/forget', { secret, account }),
    dispose: () => miniflare.dispose(),
  };
}

/** What an import might return; `text` stands for the bytes, which go as text in the lab. */
export function toModel(name: string, text: string): NewModel {
  return {
    name,
    model: text as unknown as Uint8Array,
    manifest: {
      manifest_version: 1,
      task: 'regression',
      label: 'y',
      features: [{ name: 'x', type: 'number' }],
      inputs: [{ name: 'X', dtype: 'float32', shape: [null, 1], features: ['x'] }],
      output: { value: { tensors: ['y'] } },
      batch: 'dynamic',
    },
    report: { notes: [text] },
    golden: [{ row: { x: 1 }, answer: { prediction: 2 } }],
    optimise: true,
  };
}

/** @returns whether a model's pipeline has come to this. */
export const hasStatus =
  (wished: string) =>
  (model: { pipeline: { status: string } }): boolean =>
    model.pipeline.status === wished;
