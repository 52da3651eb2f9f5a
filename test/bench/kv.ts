// A KV for the bench: a server that answers as the platform's does, and counts what it is asked.
import { createServer } from 'node:http';
import type { Manifest } from '../../worker/pipeline/manifest.ts';
import { modelKey, type PipelineRecord, pipelineKey } from '../../worker/registry/records.ts';
import { createSecret, toDigest } from '../../worker/registry/secret.ts';

export interface Kv {
  readonly port: number;
  /** How often each key was read. */
  readonly reads: Map<string, number>;
  /** @returns the path of its URL. */
  publish(manifest: Manifest, model: Uint8Array, optimise?: boolean): Promise<string>;
  /** How long a read takes before its first byte. */
  latencyMs: number;
  close(): void;
}

export async function startKv(): Promise<Kv> {
  const values = new Map<string, Uint8Array>();
  const reads = new Map<string, number>();
  const server = createServer((request, response) => {
    const key = decodeURIComponent(new URL(request.url ?? '', 'http://kv').pathname.slice(1));
    reads.set(key, (reads.get(key) ?? 0) + 1);
    const value = values.get(key);
    setTimeout(() => {
      response.statusCode = value === undefined ? 404 : 200;
      response.end(value);
    }, kv.latencyMs);
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const kv: Kv = {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    reads,
    latencyMs: 0,
    async publish(manifest, model, optimise = true) {
      const secret = createSecret((bytes) => crypto.getRandomValues(bytes));
      const digest = await toDigest(new Uint8Array(model));
      const record: PipelineRecord = {
        v: 1,
        state: 'active',
        account_id: 'account_bench',
        model_id: 'model_bench',
        name: 'Bench',
        version: 1,
        model: { digest, bytes: model.length, optimise },
        manifest,
      };
      values.set(modelKey(digest), model);
      values.set(pipelineKey(await toDigest(secret)), new TextEncoder().encode(JSON.stringify(record)));
      return `/api/${secret}`;
    },
    close: () => server.close(),
  };
  return kv;
}
