// A backup, over real HTTP: several models of the corpus are exported by the command line and imported into another account,
// where they answer to the last digit what they answered before. And the download of a version, on which it stands.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArchiveFault, openArchive } from '../../worker/cli/archive.ts';
import { type Api, ApiFailure, createApi } from '../../worker/cli/client.ts';
import { exportAccount } from '../../worker/cli/export-account.ts';
import { importAccount } from '../../worker/cli/import-account.ts';
import type { Model } from '../../worker/contract.ts';
import { PLANS } from '../../worker/limits.ts';
import { ROOT } from '../support/build.ts';
import { FIXTURES_ROOT, readCase, toFullOverrides, toOverrides } from '../support/corpus.ts';
import { createOwner, type Owner } from '../support/owner.ts';
import { startWorker, type TestWorker } from '../support/worker.ts';

/** Columns of all kinds under names that need escaping, ZipMap, several numbers, a forecast, an image. */
const CASES = ['bank-unicode', 'iris-logreg-zipmap', 'linnerud-linreg-multi', 'seasonal-torch-h3'];
const IMAGE = 'shapes-rgb32-pngmodes';
const AT = '2026-11-24T12:00:00.000Z';

let worker: TestWorker;
let owner: Owner;
let api: Api;
const folder = mkdtempSync(join(tmpdir(), 'postern-backup-'));
const file = join(folder, 'account.tar');
/** The models that were exported, by name, with what they answered. */
const answers = new Map<string, string>();

/** What the model answers to the rows of its case. */
async function askModel(name: string, url: string): Promise<string> {
  const { rows, folder } = readCase(name, FIXTURES_ROOT);
  if (name === IMAGE) {
    const bodies = rows.map(({ input }) =>
      readFileSync(join(folder, 'samples', String(Object.values(input)[0]).split('/').at(-1) ?? '')),
    );
    const all = await Promise.all(
      bodies.map(async (body) =>
        (await fetch(url, { method: 'POST', headers: { 'Content-Type': 'image/png' }, body })).text(),
      ),
    );
    return all.join('\n');
  }
  const body = JSON.stringify(rows.map(({ input }) => input));
  const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  expect(response.status).toBe(200);
  return response.text();
}

beforeAll(async () => {
  worker = await startWorker();
  owner = await createOwner(worker, 'standard');
  api = createApi(worker.origin, owner.token);
  for (const name of [...CASES, IMAGE]) {
    const { model, csv, label, kind, ...rest } = readCase(name, FIXTURES_ROOT);
    const manifest = kind === 'image' ? toFullOverrides(rest) : toOverrides(rest);
    const { id } = await owner.add({ name, model, csv, label: label ?? undefined, manifest });
    answers.set(name, await askModel(name, (await owner.activate(id)).pipeline.url ?? ''));
  }
  // Off, with an amended second version that serves nothing yet.
  const amended = await find(owner, 'seasonal-torch-h3');
  await owner.call('PATCH', `/v1/models/${amended.id}`, { manifest: { unit: 'USD' } });
  await owner.call('POST', `/v1/models/${amended.id}/deactivate`);
  await owner.call('PATCH', `/v1/models/${amended.id}`, { daily_cap: 1234, on_cap: 'pause' });
  await exportAccount(api, file, AT);
});
afterAll(async () => {
  await worker.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const list = async ({ call }: Owner): Promise<Model[]> =>
  (await call<{ models: Model[] }>('GET', '/v1/models')).body.models;
const find = async (of: Owner, name: string): Promise<Model> => {
  const model = (await list(of)).find((each) => each.name === name);
  if (model === undefined) throw new Error(`There is no ${name}.`);
  return model;
};
const importInto = async (into: Api) => {
  const archive = await openArchive(file);
  try {
    return await importAccount(into, archive);
  } finally {
    await archive.close();
  }
};

describe('the download of a version', () => {
  it('gives the bytes that are served, of which the digest is the hash', async () => {
    for (const { id, versions } of await list(owner)) {
      const [{ digest = '', size_bytes = 0 } = {}] = versions;
      const response = await fetch(`${worker.origin}/v1/models/${id}/versions/${versions.length}/model`, {
        headers: { Authorization: `Bearer ${owner.token}` },
      });
      expect(response.headers.get('Content-Type')).toBe('application/octet-stream');
      expect(response.headers.get('Content-Disposition')).toBe(`attachment; filename="${id}-${versions.length}.onnx"`);
      expect(response.headers.get('Cache-Control')).toBe('no-store');
      const bytes = new Uint8Array(await response.arrayBuffer());
      expect(bytes.length).toBe(size_bytes);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(digest);
    }
  });

  it('is for the owner alone', async () => {
    const { id } = await find(owner, 'bank-unicode');
    const other = await createOwner(worker);
    const path = `/v1/models/${id}/versions/1/model`;
    expect(await other.call('GET', path)).toMatchObject({ status: 404, body: { code: 'model_not_found' } });
    expect((await fetch(worker.origin + path)).status).toBe(401);
    expect(await owner.call('GET', `/v1/models/${id}/versions/2/model`)).toMatchObject({
      status: 404,
      body: { code: 'version_not_found' },
    });
    expect((await owner.call('GET', `/v1/models/${id}/versions/x/model`)).status).toBe(400);
  });
});

describe('a backup', () => {
  it('is one file for its owner alone, without a secret, that any tar lists', async () => {
    expect(statSync(file).mode & 0o077).toBe(0);
    const text = readFileSync(file, 'latin1');
    expect(text).not.toMatch(/pipeline_[0-9a-z]{32}|postern_[0-9a-z]{48}/);
    expect(text.slice(257, 262)).toBe('ustar');
    const archive = await openArchive(file);
    expect(archive.index).toMatchObject({ postern_export: 1, exported_at: AT, account: { plan: 'standard' } });
    expect(archive.index.models.map(({ name, versions }) => [name, versions.length])).toEqual(
      [...CASES, IMAGE].map((name) => [name, name === 'seasonal-torch-h3' ? 2 : 1]),
    );
    await archive.close();
  });

  it('answers as before in another account, under new URLs; again, it changes nothing', async () => {
    const other = await createOwner(worker, 'standard');
    const into = createApi(worker.origin, other.token);
    const { done, failures, urls } = await importInto(into);
    expect(failures).toEqual([]);
    expect(done.length).toBe(5);
    const active = [...CASES, IMAGE].filter((name) => name !== 'seasonal-torch-h3');
    expect(urls.map(({ name }) => name)).toEqual(active);
    for (const { name, url } of urls) {
      expect(await askModel(name, url), name).toBe(answers.get(name));
      expect((await find(owner, name)).pipeline.url).not.toBe(url);
    }
    const off = await find(other, 'seasonal-torch-h3');
    expect(off).toMatchObject({
      unit: 'USD',
      versions: [{ version: 2 }, { version: 1 }],
      pipeline: { status: 'inactive', daily_cap: 1234, on_cap: 'pause' },
    });
    expect(await askModel('seasonal-torch-h3', (await other.activate(off.id, 1)).pipeline.url ?? '')).toBe(
      answers.get('seasonal-torch-h3'),
    );

    const before = await list(other);
    const second = await importInto(into);
    expect(second).toMatchObject({ failures: [], urls: [] });
    expect(second.done.every((sentence) => sentence.endsWith('is there already.'))).toBe(true);
    expect(await list(other)).toEqual(before);
  });

  it('keeps to the quota, says what is not on, and goes on when there is room', async () => {
    const trial = await createOwner(worker, 'trial');
    const into = createApi(worker.origin, trial.token);
    const first = await importInto(into);
    expect(first.done.length).toBe(5);
    expect(first.urls.map(({ name }) => name)).toEqual(['bank-unicode']);
    expect(first.failures.length).toBe(3);
    expect(first.failures[0]).toMatch(/^"iris-logreg-zipmap": The plan trial allows 1 active pipeline/);
    const caps = (await list(trial)).map(({ pipeline }) => pipeline.daily_cap);
    expect([...new Set(caps)].sort((a, b) => a - b)).toEqual([1234, PLANS.trial.daily]);
    await trial.call('POST', `/v1/models/${(await find(trial, 'bank-unicode')).id}/deactivate`);
    expect((await list(trial)).length).toBe(6);
    expect((await importInto(into)).urls.map(({ name }) => name)).toEqual(['bank-unicode']);
  });

  it('that was interrupted goes on where it ended, whether or not the last upload had arrived', async () => {
    for (const arrives of [true, false]) {
      const other = await createOwner(worker, 'standard');
      const into = createApi(worker.origin, other.token);
      let uploads = 0;
      const broken: Api = {
        ...into,
        async upload(path, form) {
          uploads += 1;
          if (uploads === 3) {
            if (arrives) await into.upload(path, form);
            throw new TypeError('fetch failed');
          }
          return into.upload(path, form);
        },
      };
      await expect(importInto(broken)).rejects.toThrow('fetch failed');
      expect((await list(other)).length).toBe(1 + (arrives ? 3 : 2));
      const { failures, urls } = await importInto(into);
      expect(failures).toEqual([]);
      expect(urls.length).toBe(2);
      expect((await list(other)).map(({ name }) => name).slice(1)).toEqual([...CASES, IMAGE]);
    }
  });

  it('finds again what was lost on its way', async () => {
    const other = await createOwner(worker, 'standard');
    const into = createApi(worker.origin, other.token);
    const lost = new Set<string>();
    const busy: Api = {
      ...into,
      async upload(path, form) {
        const key = `${path} ${form.get('name')}`;
        const model = await into.upload(path, form);
        // A new model, and a second version.
        if (lost.has(key) || !/seasonal/.test(key)) return model;
        lost.add(key);
        throw new ApiFailure(503, 'The connection to the API was lost.');
      },
    };
    expect((await importInto(busy)).failures).toEqual([]);
    expect(lost.size).toBe(2);
    expect((await list(other)).map(({ name, versions }) => [name, versions.length]).slice(1)).toEqual(
      [...CASES, IMAGE].map((name) => [name, name === 'seasonal-torch-h3' ? 2 : 1]),
    );
  });

  it('leaves no file where it fails', async () => {
    const path = join(folder, 'never.tar');
    const failing: Api = { ...api, download: () => Promise.reject(new ApiFailure(503, 'storage')) };
    await expect(exportAccount(failing, path, AT)).rejects.toThrow('storage');
    expect(() => statSync(path)).toThrow();
    expect(() => statSync(`${path}.unfinished`)).toThrow();
  });
});

describe('a file that cannot be imported', () => {
  const whole = (): Buffer => readFileSync(file);
  const damage = (): Buffer => {
    const bytes = whole();
    // Behind the header of the first ONNX file.
    const place = bytes.indexOf('onnx/') + 600;
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    return bytes;
  };
  it.each([
    ['is cut off', () => whole().subarray(0, whole().length - 40_000), /tar|export\.json is missing/],
    ['is damaged', damage, /has another SHA-256/],
    ['is something else', () => Buffer.from('name,value\n'.repeat(200)), /tar/],
    ['is empty', () => Buffer.alloc(0), /export\.json is missing/],
  ])('%s', async (name, make, message) => {
    const path = join(folder, `${name}.tar`);
    writeFileSync(path, make());
    const opened = openArchive(path);
    await expect(opened).rejects.toThrow(ArchiveFault);
    await expect(opened).rejects.toThrow(message);
  });
});

it('the commands say what they did, and what is wrong, without a token in their arguments', async () => {
  const run = (args: string[], token = owner.token): Promise<{ code: number | null; out: string; err: string }> =>
    new Promise((resolve) => {
      const env = { ...process.env, POSTERN_TOKEN: token };
      const child = spawn(process.execPath, ['--import', 'tsx', 'worker/cli/backup.ts', ...args], { cwd: ROOT, env });
      let out = '';
      let err = '';
      child.stdout.on('data', (data) => {
        out += data;
      });
      child.stderr.on('data', (data) => {
        err += data;
      });
      child.once('close', (code) => resolve({ code, out, err }));
    });
  const path = join(folder, 'by-command.tar');
  const trial = await createOwner(worker, 'trial');
  const made = await run(['export', '--to', path, '--url', worker.origin]);
  expect(made).toMatchObject({ code: 0, err: '' });
  expect(made.out).toContain('5 models, 6 versions');
  const [again, imported, usage] = await Promise.all([
    run(['export', '--to', path, '--url', worker.origin]),
    run(['import', path, '--url', worker.origin], trial.token),
    run(['import']),
  ]);
  expect(again).toMatchObject({ code: 1, err: `${path} is there already. Name another file.\n` });
  expect(imported.code).toBe(1);
  expect(imported.out).toMatch(/bank-unicode\n {4}http:\S+\/api\/pipeline_[0-9a-z]{32}\n/);
  expect(imported.err).toContain('run the same command again');
  expect(usage.err).toContain('Usage:');
  const nobody = await run(['import', path, '--url', worker.origin], `postern_${'0'.repeat(48)}`);
  expect(nobody).toMatchObject({ code: 1, out: '' });
  expect(nobody.err).not.toContain('at ');
});
