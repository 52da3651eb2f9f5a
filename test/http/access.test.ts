// Who may call what: every management call times every kind of caller, as a table, against the real Worker. The table is
// complete by construction: a route that it does not name makes it fail.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../worker/app.ts';
import type { Model } from '../../worker/contract.ts';
import type { Deps } from '../../worker/env.ts';
import { createToken } from '../../worker/registry/token.ts';
import { createManagement } from '../../worker/routes/management.ts';
import { createFetchAgain } from '../support/fetch-again.ts';
import { tutorialUpload } from '../support/models.ts';
import { callApi, createOwner, type Owner, toForm } from '../support/owner.ts';
import { ADMIN_TOKEN, startWorker, type TestWorker } from '../support/worker.ts';

const fetchAgain = createFetchAgain((input, init) => fetch(input, init));

interface Call {
  /** Whose token opens it. */
  readonly for: 'owner' | 'admin' | 'anyone';
  /** What who may call it is answered. */
  readonly status: number;
  /** What the owner of another account is answered where it is not the same: their own account, or 404. */
  readonly stranger?: number;
  readonly body?: () => object | FormData;
}

const upload = () => toForm(tutorialUpload('Matrix'));
const ofModel = { for: 'owner', stranger: 404 } as const;

/** In an order in which each can succeed. `:id` is a model that has one version and is active. */
const CALLS: Readonly<Record<string, Call>> = {
  'GET /v1/account': { for: 'owner', status: 200 },
  'POST /v1/accounts': { for: 'admin', status: 201, body: () => ({ name: 'Matrix', plan: 'trial' }) },
  'GET /v1/models': { for: 'owner', status: 200 },
  'POST /v1/models': { for: 'owner', status: 201, body: upload },
  'GET /v1/models/:id': { ...ofModel, status: 200 },
  'PATCH /v1/models/:id': { ...ofModel, status: 200, body: () => ({ name: 'Another name' }) },
  'POST /v1/models/:id/versions': { ...ofModel, status: 201, body: upload },
  'GET /v1/models/:id/versions/:version': { ...ofModel, status: 200 },
  'GET /v1/models/:id/versions/:version/model': { ...ofModel, status: 200 },
  'GET /v1/models/:id/events': { ...ofModel, status: 200 },
  'GET /v1/models/:id/usage': { ...ofModel, status: 200 },
  'POST /v1/models/:id/activate': { ...ofModel, status: 200, body: () => ({ version: 1 }) },
  'POST /v1/models/:id/rotate': { ...ofModel, status: 200 },
  'POST /v1/models/:id/deactivate': { ...ofModel, status: 200 },
  'DELETE /v1/models/:id': { ...ofModel, status: 204 },
  'POST /v1/account/token': { for: 'owner', status: 200 },
  'GET /openapi.json': { for: 'anyone', status: 200 },
  'GET /docs': { for: 'anyone', status: 200 },
};

/** What takes no token: the secret is in the URL, or there is none. */
const WITHOUT_TOKEN = [
  'ALL /api/:secret',
  'ALL /api/:secret/schema',
  'ALL /api/:secret/openapi.json',
  'GET /health/live',
  'GET /health/ready',
  // To the management API.
  'ALL /v1/*',
  'ALL /openapi.json',
  'ALL /docs',
];

it('names every route there is', () => {
  const list = (routes: readonly { method: string; path: string }[]) =>
    [...new Set(routes.map(({ method, path }) => `${method} ${path}`))].sort();
  // Routes are made, not called.
  const management = createManagement({} as Deps).routes.filter(
    ({ method, path }) => method !== 'ALL' || !path.endsWith('*'),
  );
  expect(list(management)).toEqual(Object.keys(CALLS).sort());
  expect(list(createApp({} as Deps).routes)).toEqual([...WITHOUT_TOKEN].sort());
});

describe('every call times every caller', () => {
  let worker: TestWorker;
  let owner: Owner;
  let stranger: Owner;
  let model: Model;
  let rotated = '';
  let forged = '';
  beforeAll(async () => {
    worker = await startWorker();
    owner = await createOwner(worker);
    stranger = await createOwner(worker);
    rotated = owner.token;
    const { body } = await owner.call<{ token: string }>('POST', '/v1/account/token');
    owner = { ...owner, token: body.token, call: (...call) => callApi(worker, body.token, ...call) };
    model = await addModel(owner);
    const { body: account } = await owner.call<{ id: string }>('GET', '/v1/account');
    forged = createToken(account.id, (bytes) => crypto.getRandomValues(bytes));
  });
  afterAll(() => worker.dispose());

  async function addModel(to: Owner): Promise<Model> {
    const { id } = (await to.call<Model>('POST', '/v1/models', upload())).body;
    for (;;) {
      const { status, body } = await to.call<Model>('POST', `/v1/models/${id}/activate`);
      if (status === 200) return body;
    }
  }

  const toPath = (route: string, id = model.id) =>
    (route.split(' ')[1] ?? '').replace(':id', id).replace(':version', '1');

  async function send(route: string, headers: Record<string, string>, query = '') {
    const body = CALLS[route]?.body?.();
    const isForm = body instanceof FormData;
    const response = await fetchAgain(worker.origin + toPath(route) + query, {
      method: route.split(' ')[0] ?? '',
      headers: { ...headers, ...(body === undefined || isForm ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  }

  /** What an owner sees of all that is theirs. */
  async function look(of: Owner): Promise<string> {
    const paths = ['/v1/account', '/v1/models', `/v1/models/${model.id}/events`];
    return JSON.stringify(await Promise.all(paths.map(async (path) => (await of.call('GET', path)).body)));
  }

  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
  /** Callers who own nothing. The last two have the right token in the wrong place. */
  const NOBODY: readonly [string, () => Record<string, string>, (() => string)?][] = [
    ['no token', () => ({})],
    ['an empty token', () => bearer('')],
    ['a malformed token', () => bearer('postern_short')],
    ['a token with a wrong checksum', () => bearer(`${owner.token.slice(0, -1)}${owner.token.endsWith('0') ? 1 : 0}`)],
    ['a token of no account', () => bearer(createToken(`account_${'0'.repeat(16)}`, (b) => crypto.getRandomValues(b)))],
    ['a forged token of this account', () => bearer(forged)],
    ['a rotated token', () => bearer(rotated)],
    ['two tokens', () => bearer(`${forged}, Bearer ${owner.token}`)],
    ['the secret of its pipeline', () => bearer(model.pipeline.url?.split('/').at(-1) ?? '')],
    ['the token as a password', () => ({ Authorization: `Basic ${btoa(`:${owner.token}`)}` })],
    [
      'the token in the query and in a cookie',
      () => ({ Cookie: `token=${owner.token}` }),
      () => `?token=${owner.token}`,
    ],
  ];
  const guarded = Object.keys(CALLS).filter((route) => CALLS[route]?.for !== 'anyone');

  it.each(NOBODY)('%s opens nothing and changes nothing', async (_, headers, query) => {
    const before = await look(owner);
    const answers = await Promise.all(guarded.map((route) => send(route, headers(), query?.())));
    for (const [i, { status, text }] of answers.entries()) {
      expect([guarded[i], status, JSON.parse(text).code]).toEqual([guarded[i], 401, 'unauthorized']);
      expect(text).not.toContain(model.id);
    }
    expect(await look(owner)).toBe(before);
  });

  it('the admin creates accounts and nothing else', async () => {
    const before = await look(owner);
    for (const route of guarded) {
      const { status } = await send(route, bearer(ADMIN_TOKEN));
      expect([route, status]).toEqual([route, CALLS[route]?.for === 'admin' ? 201 : 401]);
    }
    expect(await look(owner)).toBe(before);
  });

  it('another account sees and changes only its own', async () => {
    const before = await look(owner);
    for (const route of guarded) {
      const call = CALLS[route];
      if (route === 'POST /v1/account/token') continue;
      const { status, text } = await send(route, bearer(stranger.token));
      expect([route, status]).toEqual([route, call?.for === 'admin' ? 401 : (call?.stranger ?? call?.status)]);
      expect(text).not.toContain(model.id);
    }
    const turned = await send('POST /v1/account/token', bearer(stranger.token));
    expect(turned.status).toBe(200);
    expect(await look(owner)).toBe(before);
  });

  it.each(Object.keys(CALLS).filter((route) => CALLS[route]?.for === 'anyone'))('%s is for anyone', async (route) => {
    const answers = await Promise.all([send(route, {}), send(route, bearer(forged)), send(route, bearer(owner.token))]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  it('its owner may call all but what is the admin’s', async () => {
    for (const route of guarded) {
      const call = CALLS[route];
      const { status } = await send(route, bearer(owner.token));
      expect([route, status]).toEqual([route, call?.for === 'admin' ? 401 : call?.status]);
    }
  });
});
