// The built Worker in workerd with a real KV, over real HTTP, and pipelines to call in it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Miniflare } from 'miniflare';
import type { Manifest } from '../../worker/pipeline/manifest.ts';
import { modelKey, type PipelineRecord, pipelineKey } from '../../worker/registry/records.ts';
import { createSecret, toDigest } from '../../worker/registry/secret.ts';
import { BUILD, ROOT, readOptions } from './build.ts';

// As files: the bench, which nothing bundles, comes by here as well.
const TUTORIAL = join(ROOT, 'worker/tutorial');
const tutorialModel = new Uint8Array(readFileSync(join(TUTORIAL, 'iris.votes.onnx')));
const tutorialManifest = JSON.parse(readFileSync(join(TUTORIAL, 'manifest.json'), 'utf8')) as Manifest;

/** Calls one pipeline: `rest` is what stands behind its URL. */
export type Caller = ((rest: string, init?: RequestInit) => Promise<Response>) & { readonly url: string };

export const ADMIN_TOKEN = 'test-admin-token-of-at-least-32-characters';

export interface TestWorker {
  readonly origin: string;
  /** Everything the Worker has logged. */
  readonly logs: string[];
  readonly miniflare: Miniflare;
  /** Publishes a pipeline as the account object would, and its model if it is given. */
  publish(record: Partial<PipelineRecord> & { manifest: Manifest }, model?: Uint8Array): Promise<Caller>;
  publishTutorial(record?: Partial<PipelineRecord>): Promise<Caller>;
  dispose(): Promise<void>;
}

const MODULE_TYPES: Record<string, 'ESModule' | 'CompiledWasm' | 'Data'> = {
  js: 'ESModule',
  wasm: 'CompiledWasm',
  onnx: 'Data',
};

export interface TestWorkerOptions {
  /** The folder of the built Worker. */
  readonly build?: string;
  /** Where KV and the account objects are kept; in memory where it is left out. */
  readonly state?: string;
  readonly adminToken?: string;
  /** What the platform's limiter lets through: questions per period of so many seconds. */
  readonly rate?: { readonly limit: number; readonly period: 10 | 60 };
}

export async function startWorker({
  build = BUILD,
  state,
  adminToken = ADMIN_TOKEN,
  rate,
}: TestWorkerOptions = {}): Promise<TestWorker> {
  const workerOptions = readOptions();
  const modules = readdirSync(build)
    .sort((a, b) => Number(b === 'index.js') - Number(a === 'index.js'))
    .flatMap((name) => {
      const type = MODULE_TYPES[name.split('.').at(-1) ?? ''];
      return type === undefined ? [] : [{ type, path: join(build, name) }];
    });
  const logs: string[] = [];
  const miniflare = new Miniflare({
    ...workerOptions,
    modules,
    modulesRoot: build,
    bindings: { ...workerOptions.bindings, ADMIN_TOKEN: adminToken },
    ...(rate === undefined ? {} : { ratelimits: { RATE_LIMITER: { simple: rate } } }),
    cf: false,
    ...(state === undefined ? {} : { kvPersist: join(state, 'kv'), durableObjectsPersist: join(state, 'do') }),
    handleStructuredLogs: ({ message }: { message: string }) => {
      logs.push(message);
    },
  });
  const origin = (await miniflare.ready).origin;
  // Miniflare's own types come from another version of the runtime's.
  const kv = (await miniflare.getKVNamespace('KV')) as unknown as KVNamespace;

  const publish: TestWorker['publish'] = async (record, model) => {
    const secret = createSecret((bytes) => crypto.getRandomValues(bytes));
    const digest = await toDigest(new Uint8Array(model ?? tutorialModel));
    const whole: PipelineRecord = {
      v: 1,
      state: 'active',
      account_id: 'account_test',
      model_id: 'model_test',
      name: 'Test',
      version: 1,
      model: { digest, bytes: (model ?? tutorialModel).length, optimise: model !== undefined },
      ...record,
    };
    if (model !== undefined) await kv.put(modelKey(digest), new Uint8Array(model).buffer);
    await kv.put(pipelineKey(await toDigest(secret)), JSON.stringify(whole));
    const url = `${origin}/api/${secret}`;
    return Object.assign((rest: string, init?: RequestInit) => fetch(url + rest, init), { url });
  };
  return {
    origin,
    logs,
    miniflare,
    publish,
    publishTutorial: (record = {}) => publish({ manifest: tutorialManifest, name: 'Iris', ...record }),
    dispose: () => miniflare.dispose(),
  };
}
