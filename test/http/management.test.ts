// The management API over real HTTP: what an owner with curl meets, from the first account to the last rotation.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account, Model } from '../../worker/contract.ts';
import { ROOT } from '../support/build.ts';
import { FIXTURES_ROOT, findCases, readCase, toOverrides } from '../support/corpus.ts';
import { callApi, createOwner, toForm, type Upload } from '../support/owner.ts';
import { ADMIN_TOKEN, startWorker, type TestWorker } from '../support/worker.ts';

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
afterAll(() => worker.dispose());

const iris: Upload = {
  model: readFileSync(join(ROOT, 'worker/tutorial/iris.onnx')),
  csv: readFileSync(join(ROOT, 'worker/tutorial/iris.csv')),
  label: 'species',
  name: 'My irises',
};
const QUERY = '?sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0';
const ANSWER = '{"prediction":"Iris-virginica","probability":[0.39285714,0.10714286,0.5]}';

function other(): Upload {
  const [name = ''] = findCases(FIXTURES_ROOT).filter((each) => readCase(each, FIXTURES_ROOT).kind === 'table');
  const { model, csv, label, rows: _, tolerance: __, ...rest } = readCase(name, FIXTURES_ROOT);
  return { model, csv, label: label ?? undefined, manifest: toOverrides(rest), name: 'Another' };
}

describe('a newcomer', () => {
  it('goes from an account to a rolled back version', async () => {
    const owner = await createOwner(worker);
    const model = await owner.add(iris);
    expect(model).toMatchObject({
      name: 'My irises',
      task: 'classification',
      label: 'species',
      classes: ['Iris-setosa', 'Iris-versicolor', 'Iris-virginica'],
      versions: [{ version: 1, source: 'upload' }],
      pipeline: { status: 'inactive', version: null, activated_at: null },
      report: { test_run: { agreement: { metric: 'accuracy' } } },
    });
    expect(model.pipeline.url).toBeUndefined();
    expect(model.report.test_run?.agreement?.value).toBeGreaterThan(0.9);

    const live = await owner.activate(model.id);
    expect(live.pipeline).toMatchObject({ status: 'active', version: 1 });
    const url = live.pipeline.url ?? '';
    expect(await (await fetch(url + QUERY)).text()).toBe(ANSWER);

    const second = await owner.add(other());
    const refused = await owner.call('POST', `/v1/models/${second.id}/activate`);
    expect(refused).toMatchObject({
      status: 409,
      body: {
        error: 'management request failure',
        code: 'quota_exceeded',
        active: [{ id: model.id, name: 'My irises' }],
      },
    });
    expect(refused.body.message).toContain('My irises');

    expect((await owner.call('DELETE', `/v1/models/${model.id}`)).body.code).toBe('model_active');
    const off = await owner.call<Model>('POST', `/v1/models/${model.id}/deactivate`);
    expect(off.body.pipeline).toMatchObject({ status: 'inactive' });
    expect((await fetch(url + QUERY)).status).toBe(403);

    const switched = await owner.activate(second.id);
    expect(switched.pipeline.status).toBe('active');
    const oldUrl = switched.pipeline.url ?? '';
    const rotated = await owner.call<Model>('POST', `/v1/models/${second.id}/rotate`);
    expect(rotated.body.pipeline.url).toMatch(/\/api\/pipeline_/);
    expect(rotated.body.pipeline.url).not.toBe(oldUrl);
    expect((await fetch(oldUrl)).status).toBe(404);
    expect((await fetch(rotated.body.pipeline.url ?? '')).status).toBe(400);

    await owner.call('POST', `/v1/models/${second.id}/deactivate`);
    expect((await owner.call('DELETE', `/v1/models/${second.id}`)).status).toBe(204);
    expect((await owner.call('GET', `/v1/models/${second.id}`)).body.code).toBe('model_not_found');

    await owner.activate(model.id);
    const added = await owner.call<Model>('POST', `/v1/models/${model.id}/versions`, toForm(iris));
    expect(added).toMatchObject({ status: 201, body: { versions: [{ version: 2 }, { version: 1 }] } });
    expect(added.body.pipeline).toMatchObject({ status: 'active', version: 1, url });
    expect((await owner.activate(model.id)).pipeline).toMatchObject({ version: 2, url });
    expect((await owner.activate(model.id, 1)).pipeline).toMatchObject({ version: 1, url });
    expect(await (await fetch(url + QUERY)).text()).toBe(ANSWER);
    const { body } = await owner.call<{ events: { event: string }[] }>('GET', `/v1/models/${model.id}/events`);
    expect(body.events.length).toBeGreaterThan(8);
    expect(JSON.stringify(body)).not.toContain(url.split('/').at(-1));
    expect(worker.logs.join('\n')).not.toMatch(/pipeline_[0-9a-z]{20}|postern_[0-9a-z]{20}/);
  });

  it('finds the tutorial: active, not counted, not to be switched off', async () => {
    const owner = await createOwner(worker);
    const { body } = await owner.call<{ models: Model[]; next: null }>('GET', '/v1/models');
    expect(body).toMatchObject({ models: [{ id: 'model_tutorial', tutorial: true }], next: null });
    const url = body.models[0]?.pipeline.url ?? '';
    expect(await (await fetch(url + QUERY)).text()).toBe(ANSWER);
    for (const [method, path] of [
      ['POST', '/deactivate'],
      ['DELETE', ''],
    ] as const) {
      expect(await owner.call(method, `/v1/models/model_tutorial${path}`)).toMatchObject({
        status: 409,
        body: { code: 'tutorial_always_active' },
      });
    }
    expect((await owner.call('POST', '/v1/models/model_tutorial/activate')).status).toBe(200);
    const { body: account } = await owner.call<Account>('GET', '/v1/account');
    expect(account.quota).toMatchObject({ used: 0, limit: 1, not_counted: [{ id: 'model_tutorial' }] });
    const other = await createOwner(worker);
    const theirs = await other.call<{ models: Model[] }>('GET', '/v1/models');
    expect(theirs.body.models[0]?.pipeline.url).not.toBe(url);
  });
});

describe('who calls', () => {
  it.each([
    ['nobody', null],
    ['a token of no account', `postern_${'0'.repeat(48)}`],
    ['the admin, who owns nothing', ADMIN_TOKEN],
  ])('is asked for a token: %s', async (_, token) => {
    const { status, body, headers } = await callApi<Record<string, string>>(worker, token, 'GET', '/v1/account');
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'unauthorized' });
    expect(headers.get('WWW-Authenticate')).toBe('Bearer');
    expect(headers.get('Cache-Control')).toBe('no-store');
    expect(body.request_id).toBe(headers.get('X-Request-Id'));
  });

  it('creates accounts with the admin token only', async () => {
    const owner = await createOwner(worker);
    for (const token of [null, owner.token, `${ADMIN_TOKEN}x`]) {
      expect((await callApi(worker, token, 'POST', '/v1/accounts', { name: 'x' })).status).toBe(401);
    }
  });

  it('rotates the token', async () => {
    const owner = await createOwner(worker);
    const { body } = await owner.call<{ token: string }>('POST', '/v1/account/token');
    expect((await owner.call('GET', '/v1/account')).status).toBe(401);
    expect((await callApi(worker, body.token, 'GET', '/v1/account')).status).toBe(200);
  });

  it('never sees what is not theirs', async () => {
    const [owner, stranger] = [await createOwner(worker), await createOwner(worker)];
    const { id } = await owner.add(iris);
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['GET', '/events'],
      ['GET', '/versions/1'],
      ['POST', '/activate'],
      ['POST', '/deactivate'],
      ['POST', '/rotate'],
    ]) {
      const { status, body } = await stranger.call(method ?? '', `/v1/models/${id}${path}`);
      expect({ status, code: body.code }).toEqual({ status: 404, code: 'model_not_found' });
    }
  });
});

describe('what is wrong is said', () => {
  it.each<[string, string, string, object | undefined, number, string, RegExp]>([
    ['a name of nothing', 'PATCH', '/v1/models/model_x', { name: '' }, 400, 'invalid_input', /name/],
    ['a patch of nothing', 'PATCH', '/v1/models/model_x', {}, 400, 'invalid_input', /give a name, a manifest/],
    ['an unknown key', 'PATCH', '/v1/models/model_x', { nam: 'x' }, 400, 'invalid_input', /nam/],
    ['a version 0', 'POST', '/v1/models/model_tutorial/activate', { version: 0 }, 400, 'invalid_input', /version/],
    ['a limit of none', 'GET', '/v1/models?limit=0', undefined, 400, 'invalid_input', /limit/],
    ['a cursor of none', 'GET', '/v1/models?cursor=x', undefined, 400, 'invalid_input', /cursor/],
    ['no such address', 'GET', '/v1/model', undefined, 404, 'not_found', /docs/],
    ['no such method', 'PUT', '/v1/models', {}, 405, 'method_not_allowed', /GET, POST|POST, GET/],
    ['an upload that is none', 'POST', '/v1/models', {}, 415, 'unsupported_media_type', /multipart/],
  ])('%s', async (_, method, path, body, status, code, message) => {
    const owner = await createOwner(worker);
    const answered = await owner.call(method, path, body);
    expect({ status: answered.status, code: answered.body.code }).toEqual({ status, code });
    expect(answered.body.message).toMatch(message);
  });

  it('a body that is no JSON', async () => {
    const { token } = await createOwner(worker);
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const response = await fetch(`${worker.origin}/v1/models/model_x`, { method: 'PATCH', headers, body: '{' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'malformed_body' });
    const form = await fetch(`${worker.origin}/v1/models/model_x`, {
      method: 'PATCH',
      headers: { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'name=x',
    });
    expect(form.status).toBe(415);
  });

  it('a body without its type, and a body that may be absent', async () => {
    const { token } = await createOwner(worker);
    const post = (path: string, type: string, body: string) =>
      fetch(`${worker.origin}/v1/${path}`, {
        method: path === 'models/model_tutorial' ? 'PATCH' : 'POST',
        headers: { Authorization: `Bearer ${token}`, ...(type === '' ? {} : { 'Content-Type': type }) },
        body: new TextEncoder().encode(body),
      });
    for (const type of ['', 'multipart/form-data', 'application/jsonx', 'text/plain']) {
      const { status } = await post('models/model_tutorial', type, '{"name":"x"}');
      expect({ type, status }).toEqual({ type, status: 415 });
    }
    for (const body of ['', '{"version":1}']) {
      for (const type of ['', 'application/json', 'application/json ; charset=utf-8']) {
        expect((await post('models/model_tutorial/activate', type, body)).status).toBe(200);
      }
    }
    expect((await post('models/model_tutorial/activate', 'application/json', '{')).status).toBe(400);
  });

  it.each<[string, (form: FormData) => void, string, RegExp]>([
    [
      'a thousand labels',
      (form) => new Array(1001).fill('x').forEach((x) => void form.append('label', x)),
      'body_too_large',
      /parts/,
    ],
    ['three megabytes of manifest', (form) => form.set('manifest', 'x'.repeat(3e6)), 'body_too_large', /characters/],
    ['no model', (form) => form.delete('model'), 'invalid_input', /"model" is missing/],
    ['a path without its @', (form) => form.set('model', 'model.onnx'), 'invalid_input', /with the @/],
    ['an empty file', (form) => form.set('model', new File([], 'x.onnx')), 'invalid_input', /empty/],
    ['a part of another name', (form) => form.set('modle', 'x'), 'invalid_input', /"modle".*model, data, label/],
    ['a manifest that is no JSON', (form) => form.set('manifest', '{'), 'malformed_body', /"manifest"/],
    ['no ONNX', (form) => form.set('model', new File(['hello'], 'x.onnx')), 'import_refused', /\.onnx/],
    ['a label of no column', (form) => form.set('label', 'speices'), 'import_refused', /species/],
  ])('an upload with %s', async (_, change, code, message) => {
    const owner = await createOwner(worker);
    const form = toForm(iris);
    change(form);
    const { status, body } = await owner.call('POST', '/v1/models', form);
    expect({ code: body.code, is4xx: status >= 400 && status < 500 }).toEqual({ code, is4xx: true });
    expect(body.message).toMatch(message);
    if (code === 'import_refused') expect(body.reason).toMatch(/^[a-z_]+$/);
  });

  it('an upload that is cut off', async () => {
    const { token } = await createOwner(worker);
    const response = await fetch(`${worker.origin}/v1/models`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'multipart/form-data; boundary=x' },
      body: '--x\r\nContent-Disposition: form-data; name="model"; filename="m.onnx"\r\n\r\nabc',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'malformed_body' });
  });
});

describe('an amended manifest', () => {
  it('is a new version, live once it is activated', async () => {
    const owner = await createOwner(worker);
    const model = await owner.add(iris);
    const { pipeline } = await owner.activate(model.id);
    const manifest = {
      classes: ['one', 'two', 'three'],
      features: [{ name: 'petalWidth', default: 2, description: 'In cm.' }],
    };
    const amended = await owner.call<Model>('PATCH', `/v1/models/${model.id}`, { name: 'Renamed', manifest });
    expect(amended).toMatchObject({
      status: 200,
      body: { name: 'Renamed', classes: manifest.classes, versions: [{ version: 2, source: 'amendment' }, {}] },
    });
    const query = QUERY.replace('&petalWidth=2.0', '');
    expect((await fetch(pipeline.url + query)).status).toBe(400);
    await owner.activate(model.id);
    const isNew = async () => (await fetch(pipeline.url + query)).status === 200;
    await expect.poll(isNew, { timeout: 2000 }).toBe(true);
    const { body } = await owner.call('GET', `/v1/models/${model.id}/versions/2`);
    expect(body).toMatchObject({ version: 2, manifest: { classes: manifest.classes } });
    expect(body).not.toHaveProperty('golden');
  });

  it.each([
    [{ features: [{ name: 'petalwidth', default: 2 }] }, /petalwidth.*petalWidth/],
    [{ featuers: [] }, /featuers/],
    [{ output: { value: { tensors: ['nowhere'] } } }, /nowhere/],
    [{ classes: ['one', 'two'] }, /2 classes|expected 2/],
  ])('is refused where it cannot answer: %j', async (manifest, message) => {
    const owner = await createOwner(worker);
    const { id } = await owner.add(iris);
    const { status, body } = await owner.call('PATCH', `/v1/models/${id}`, { manifest });
    expect({ status, code: body.code, reason: body.reason }).toEqual({
      status: 422,
      code: 'import_refused',
      reason: 'manifest_invalid',
    });
    expect(body.message).toMatch(message);
    expect((await owner.call<Model>('GET', `/v1/models/${id}`)).body.versions).toHaveLength(1);
  });
});

describe('the reference', () => {
  it('describes every route, and each description is valid', async () => {
    const document = (await (await fetch(`${worker.origin}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { summary: string; responses: Record<string, unknown> }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(calls.sort()).toEqual([
      'DELETE /v1/models/{id}',
      'GET /v1/account',
      'GET /v1/models',
      'GET /v1/models/{id}',
      'GET /v1/models/{id}/events',
      'GET /v1/models/{id}/usage',
      'GET /v1/models/{id}/versions/{version}',
      'GET /v1/models/{id}/versions/{version}/model',
      'PATCH /v1/models/{id}',
      'POST /v1/account/token',
      'POST /v1/accounts',
      'POST /v1/models',
      'POST /v1/models/{id}/activate',
      'POST /v1/models/{id}/deactivate',
      'POST /v1/models/{id}/rotate',
      'POST /v1/models/{id}/versions',
    ]);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    const { components } = document as unknown as { components: { schemas: object } };
    expect(references.length).toBeGreaterThan(10);
    for (const [, name] of references) expect(Object.keys(components.schemas)).toContain(name);
  });

  it('is a page without scripts', async () => {
    const response = await fetch(`${worker.origin}/docs`);
    const page = await response.text();
    expect(response.headers.get('Content-Type')).toMatch(/html/);
    expect(page).toContain('/v1/models/{id}/activate');
    expect(page).not.toMatch(/<script|https?:\/\//);
  });
});
