// No secret where none must be: a whole life of two accounts, with everything that can go wrong, and then a search for
// every secret and token that was ever issued in logs, answers, KV and the account objects, on disk and in their tables.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Model } from '../../worker/contract.ts';
import { modelKey } from '../../worker/registry/records.ts';
import { toDigest } from '../../worker/registry/secret.ts';
import { startLab } from '../support/account-lab.ts';
import { ROOT } from '../support/build.ts';
import { createFetchAgain } from '../support/fetch-again.ts';
import { tutorialUpload } from '../support/models.ts';
import { createOwner, type Owner, toForm } from '../support/owner.ts';
import { createSecretFinder, readAll } from '../support/secrets.ts';
import { ADMIN_TOKEN, startWorker, type TestWorker } from '../support/worker.ts';

const QUERY = '?sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0';

interface Heard {
  readonly call: string;
  readonly status: number;
  readonly text: string;
}

describe('secrets and tokens', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-secrets-'));
  /** All that were ever issued, by what they were. */
  const issued: Record<string, string> = { admin: ADMIN_TOKEN };
  /** Those that open a pipeline at the end. */
  const opening: string[] = [];
  const heard: Heard[] = [];
  const accounts: string[] = [];
  const kv: { key: string; value: Uint8Array; metadata: string }[] = [];
  let logs: string[] = [];
  const ownFetch = globalThis.fetch;
  const fetchAgain = createFetchAgain((input, init) => ownFetch(input, init));

  beforeAll(async () => {
    const worker = await startWorker({ state: folder });
    // What every call is answered, whoever makes it.
    globalThis.fetch = async (input, init) => {
      const response = await fetchAgain(String(input), init);
      const path = new URL(String(input)).pathname.replace(/(pipeline|postern)_\w+/, '$1_…');
      const text = `${[...response.headers].join('\n')}\n${await response.clone().text()}`;
      heard.push({ call: `${init?.method ?? 'GET'} ${path}`, status: response.status, text });
      return response;
    };
    try {
      for (const name of ['first', 'second']) await live(worker, name);
      const namespace = await getKv(worker);
      for (const { name: key, metadata } of (await namespace.list()).keys) {
        const value = new Uint8Array((await namespace.get(key, 'arrayBuffer')) ?? new ArrayBuffer(0));
        kv.push({ key, value, metadata: JSON.stringify(metadata ?? null) });
      }
    } finally {
      globalThis.fetch = ownFetch;
      logs = worker.logs;
      await worker.dispose();
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const note = (name: string, secret: string | undefined) => {
    expect(secret).toMatch(/^(pipeline|postern)_[0-9a-z]{32,}$/);
    issued[name] = secret ?? '';
    return secret ?? '';
  };
  const secretOf = (model: Model) => model.pipeline.url?.split('/').at(-1);

  /** From the first token to the last rotation. */
  async function live(worker: TestWorker, who: string): Promise<void> {
    let owner: Owner = await createOwner(worker, 'standard');
    const first = note(`${who}: first token`, owner.token);
    accounts.push(`account_${first.slice('postern_'.length, 'postern_'.length + 16)}`);
    const { body: listed } = await owner.call<{ models: Model[] }>('GET', '/v1/models');
    opening.push(note(`${who}: tutorial`, listed.models[0] && secretOf(listed.models[0])));

    const { id } = await owner.add(tutorialUpload('Irises'));
    await owner.call('POST', '/v1/models', toForm({ ...tutorialUpload('Not one'), label: 'nothing' }));
    const active = await owner.activate(id);
    const secret = note(`${who}: secret`, secretOf(active));
    const url = active.pipeline.url ?? '';
    await callEveryWay(url);

    const rotated = await owner.call<Model>('POST', `/v1/models/${id}/rotate`);
    const next = note(`${who}: rotated secret`, secretOf(rotated.body));
    expect((await fetch(url + QUERY)).status).toBe(404);
    await callEveryWay(url.replace(secret, next));
    await owner.call('POST', `/v1/models/${id}/versions`, toForm(tutorialUpload('Irises')));
    await owner.activate(id, 2);
    await breakModel(worker, owner);
    await owner.call('POST', `/v1/models/${id}/deactivate`);
    expect((await fetch(url.replace(secret, next) + QUERY)).status).toBe(403);
    opening.push(next);

    const gone = await owner.add(tutorialUpload('Gone'));
    note(`${who}: deleted secret`, secretOf(await owner.activate(gone.id)));
    await owner.call('POST', `/v1/models/${gone.id}/deactivate`);
    expect((await owner.call('DELETE', `/v1/models/${gone.id}`)).status).toBe(204);

    const turned = await owner.call<{ token: string }>('POST', '/v1/account/token');
    note(`${who}: second token`, turned.body.token);
    expect((await owner.call('GET', '/v1/account')).status).toBe(401);
    const Authorization = `Bearer ${turned.body.token}`;
    owner = {
      ...owner,
      call: (method, path) => answer(fetch(worker.origin + path, { method, headers: { Authorization } })),
    };
    for (const path of ['/v1/account', '/v1/models', `/v1/models/${id}/events`, '/v1/models/model_none', '/v1/none']) {
      await owner.call('GET', path);
    }
    // What a caller sends where it does not belong is not repeated to anyone.
    for (const path of [
      `/v1/models/${next}`,
      `/${turned.body.token}`,
      `/api/${turned.body.token}`,
      `/v1/${next}?cursor=${next}`,
    ]) {
      await owner.call('GET', path);
    }
  }

  async function answer<T>(call: Promise<Response>) {
    const { status, headers } = await call;
    return { status, headers, body: {} as T };
  }

  async function callEveryWay(url: string): Promise<void> {
    const post = (type: string, body: BodyInit) =>
      fetch(url, { method: 'POST', headers: { 'Content-Type': type }, body });
    expect((await fetch(url + QUERY)).status).toBe(200);
    expect(
      (await post('text/csv', `sepalLength,sepalWidth,petalLength,petalWidth\n${'1,2,3,4\n'.repeat(3000)}x,`)).status,
    ).toBe(200);
    for (const rest of [
      '',
      '/schema',
      '/openapi.json',
      '/none',
      '?sepalLength=x',
      '?%ff',
      `${QUERY}&$include=${url}`,
    ]) {
      await fetch(url + rest);
    }
    await fetch(url + QUERY, { headers: { Origin: 'https://example.org' } });
    await fetch(url, { method: 'OPTIONS', headers: { 'Access-Control-Request-Method': 'GET' } });
    await fetch(url, { method: 'DELETE' });
    await fetch(`${url.slice(0, -1)}x${QUERY}`);
    for (const type of [
      'application/json',
      'application/x-ndjson',
      'multipart/form-data; boundary=x',
      'image/png',
      'text/plain',
    ]) {
      await post(type, '{"sepalLength": ');
    }
  }

  /** Failures of ours, which are logged: a model's bytes are gone, or are none. The caller's request id is a secret. */
  async function breakModel(worker: TestWorker, owner: Owner): Promise<void> {
    const namespace = await getKv(worker);
    for (const bytes of [null, new Uint8Array([8, 9]).buffer]) {
      const digest = await toDigest(`${heard.length}`);
      if (bytes !== null) await namespace.put(modelKey(digest), bytes);
      const caller = await worker.publish({ manifest: MANIFEST, model: { digest, bytes: 2, optimise: true } });
      const secret = note(`published ${heard.length}`, caller.url.split('/').at(-1));
      for (const id of [secret, `${owner.token}:1`, 'sane-1']) {
        const answer = await caller('?x=1', { headers: { 'X-Request-Id': id } });
        expect(answer.status).toBe(503);
        expect(answer.headers.get('X-Request-Id') === id).toBe(id === 'sane-1');
      }
    }
  }

  const finder = () => createSecretFinder(issued);

  it('are found where they are planted, however they are written', () => {
    for (const [name, secret] of Object.entries(issued)) {
      const ways = [
        secret,
        encodeURIComponent(`https://example.org/api/${secret}?x=1`),
        [...secret].map((c) => `%${c.charCodeAt(0).toString(16)}`).join(''),
        btoa(secret),
        btoa(`x${secret}`),
        btoa(`xy${secret}z`),
        Buffer.from(`key:${secret}`).toString('base64url'),
        Buffer.from(secret).toString('hex').toUpperCase(),
        secret.slice(0, secret.length - 10),
        JSON.stringify({ url: `/api/${secret}` }),
      ];
      for (const way of ways) expect([way, finder().find(`before ${way} after`)]).toEqual([way, [name]]);
      expect(finder().find(Buffer.from(`before ${secret} after`, 'utf16le'))).toEqual([name]);
    }
    expect(finder().find('nothing of the kind')).toEqual([]);
    expect(Object.keys(issued).length).toBeGreaterThan(15);
  });

  it('are in no log, though things went wrong', () => {
    expect(logs.join('\n')).toMatch(/model_unavailable/);
    expect(finder().find(logs.join('\n'))).toEqual([]);
  });

  it('are in no error', () => {
    const errors = heard.filter(({ status }) => status >= 400);
    expect(new Set(errors.map(({ status }) => status))).toEqual(new Set([400, 401, 403, 404, 405, 415, 422, 503]));
    expect(
      errors.flatMap(({ call, text }) =>
        finder()
          .find(text)
          .map((name) => `${call}: ${name}`),
      ),
    ).toEqual([]);
  });

  it('are shown to their owner alone, and by these calls alone', () => {
    const shown = heard.filter(({ status, text }) => status < 400 && finder().find(text).length > 0);
    const calls = new Set(shown.map(({ call }) => call.replace(/model_\w+/, ':id')));
    expect([...calls].sort()).toEqual([
      'GET /v1/models',
      'GET /v1/models/:id',
      'POST /v1/account/token',
      'POST /v1/accounts',
      'POST /v1/models/:id/activate',
      'POST /v1/models/:id/rotate',
      'POST /v1/models/:id/versions',
    ]);
    for (const { call, text } of shown) {
      const names = finder().find(text);
      const owners = new Set(names.flatMap((name) => /^(first|second):/.exec(name)?.[1] ?? []));
      expect([call, owners.size]).toEqual([call, 1]);
    }
  });

  it('are in KV as hashes only', async () => {
    expect(kv.length).toBeGreaterThan(4);
    for (const { key, value, metadata } of kv) {
      expect([key, finder().find(key), finder().find(value), finder().find(metadata)]).toEqual([key, [], [], []]);
    }
    const keys = kv.map(({ key }) => key);
    for (const secret of opening) expect(keys).toContain(`pipeline:${await toDigest(secret)}`);
  });

  it('are on disk in the account objects alone, and there no token is', () => {
    const files = readAll(folder);
    expect(files.some(({ path }) => path.startsWith('kv/'))).toBe(true);
    const found = files.flatMap(({ path, bytes }) =>
      finder()
        .find(bytes)
        .map((name) => ({ path, name })),
    );
    expect(found.filter(({ path }) => !/^do\/-AccountObject\/\w+\.sqlite/.test(path))).toEqual([]);
    expect(found.filter(({ name }) => /token|admin/.test(name))).toEqual([]);
    expect(found.some(({ name }) => name === 'first: rotated secret')).toBe(true);
  });

  it('are in one column of the account objects: where their owner reads the URL', async () => {
    const lab = await startLab(folder);
    try {
      for (const [i, account] of accounts.entries()) {
        const query = (sql: string) => lab.call(account, 'query', sql) as Promise<Record<string, unknown>[]>;
        const tables = await query(
          "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
        );
        const cells: string[] = [];
        for (const { name: table } of tables) {
          for (const row of await query(`SELECT * FROM "${table}"`)) {
            for (const [column, value] of Object.entries(row)) {
              for (const name of finder().find(String(value))) cells.push(`${table}.${column}: ${name}`);
            }
          }
        }
        const who = ['first', 'second'][i];
        expect(cells.sort()).toEqual([
          `pipelines.secret: ${who}: rotated secret`,
          `pipelines.secret: ${who}: tutorial`,
        ]);
        const [held] = await query('SELECT token_hash FROM account');
        expect(held?.token_hash).toBe(await toDigest(issued[`${who}: second token`] ?? ''));
      }
    } finally {
      await lab.dispose();
    }
  });

  it('are not written to Cloudflare’s logs of invocations, which hold the URL', () => {
    const config = readFileSync(join(ROOT, 'wrangler.toml'), 'utf8');
    const isObserved = /^\[observability/m.test(config);
    expect(isObserved && !/invocation_logs\s*=\s*false/.test(config)).toBe(false);
    expect(config).not.toMatch(/^logpush\s*=\s*true|tail_consumers/m);
  });
});

/** Miniflare's own types come from another version of the runtime's. */
async function getKv(worker: TestWorker): Promise<KVNamespace> {
  return (await worker.miniflare.getKVNamespace('KV')) as unknown as KVNamespace;
}

const MANIFEST = {
  manifest_version: 1,
  task: 'regression',
  features: [{ name: 'x', type: 'number' }],
  inputs: [{ name: 'x', dtype: 'float32', shape: [null, 1], features: ['x'] }],
  output: { value: { tensors: ['y'] } },
  batch: 'dynamic',
} as const satisfies Parameters<TestWorker['publish']>[0]['manifest'];
