// The console's server: who gets in, what they may call, and that no answer holds a secret but the one that was asked for.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConsoleModel, ConsoleModelList, RevealedUrl, Session } from '../../playground/wire.ts';
import { tutorialUpload } from '../support/models.ts';
import { createOwner, type Owner, toForm } from '../support/owner.ts';
import { type Playground, SESSION_KEY, startPlayground } from '../support/playground.ts';
import { startWorker, type TestWorker } from '../support/worker.ts';

let worker: TestWorker;
let playground: Playground;
let owner: Owner;
let cookie = '';

beforeAll(async () => {
  worker = await startWorker();
  owner = await createOwner(worker);
  playground = await startPlayground({ API_URL: worker.origin, DEMOS: '[]', SESSION_KEY }, (request) =>
    fetch(request, { redirect: 'manual' }),
  );
});
afterAll(async () => {
  await playground?.dispose();
  await worker?.dispose();
});

const SECRET = /pipeline_[0-9a-z]{32}/;

async function call(method: string, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { Origin: playground.origin, Cookie: cookie, ...(init.headers as Record<string, string>) };
  return fetch(`${playground.origin}/console/api${path}`, { method, ...init, headers });
}
const json = (body: unknown): RequestInit => ({
  body: JSON.stringify(body),
  headers: { 'Content-Type': 'application/json' },
});
const signIn = (token: string): Promise<Response> => call('POST', '/session', json({ token }));

describe('signing in', () => {
  it.each([
    ['no token', { token: '' }, 401],
    ['something else', { token: 'x'.repeat(56) }, 401],
    ['a token of nobody', { token: `postern_${'a'.repeat(48)}` }, 401],
    ['a number', { token: 5 }, 401],
  ])('%s gets nobody in', async (_, body, status) => {
    const response = await call('POST', '/session', json(body));
    expect(response.status).toBe(status);
    expect(response.headers.get('Set-Cookie')).toBeNull();
    expect(await response.json()).toMatchObject({ code: 'unauthorized' });
  });

  it('the token gets its owner in, with a cookie that scripts and other sites cannot use', async () => {
    const response = await signIn(owner.token);
    expect(response.status).toBe(200);
    const set = response.headers.get('Set-Cookie') ?? '';
    expect(set).toMatch(/^postern_session=[\w.-]+; /);
    for (const attribute of ['HttpOnly', 'SameSite=Strict', 'Path=/console/api', 'Max-Age=28800']) {
      expect(set).toContain(attribute);
    }
    expect(set).not.toContain(owner.token.slice(8));
    expect(((await response.json()) as Session).account).toMatchObject({ plan: 'trial' });
    cookie = set.split(';')[0] ?? '';
    expect(((await (await call('GET', '/session')).json()) as Session).account?.plan).toBe('trial');
  });

  it('a changed cookie is none', async () => {
    const changed = `${cookie.slice(0, -3)}abc`;
    expect(await (await call('GET', '/session', { headers: { Cookie: changed } })).json()).toEqual({ account: null });
    const response = await call('GET', '/models', { headers: { Cookie: changed } });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'signed_out' });
    expect(response.headers.get('Set-Cookie')).toMatch(/^postern_session=; Max-Age=0/);
  });
});

describe('calls', () => {
  it.each<[string, string]>([
    ['POST', '/accounts'],
    ['POST', '/account/token'],
    ['DELETE', '/account'],
    ['GET', '/'],
    ['GET', '/../openapi.json'],
    ['GET', '/models/other_1'],
    ['GET', '/models/model_tutorial/versions/x'],
    ['PUT', '/models/model_tutorial'],
    ['GET', '/models/model_tutorial/url'],
  ])('%s %s is not on the list', async (method, path) => {
    expect((await call(method, path)).status).toBeGreaterThanOrEqual(404);
  });

  it.each<[string, Record<string, string>]>([
    ['another site', { Origin: 'https://example.com' }],
    ['another site, as the browser says', { Origin: '', 'Sec-Fetch-Site': 'cross-site' }],
    ['nobody', { Origin: '' }],
  ])('that change something are not taken from %s', async (_, headers) => {
    for (const [method, path] of [
      ['POST', '/session'],
      ['DELETE', '/session'],
      ['POST', '/models'],
      ['POST', '/models/model_tutorial/rotate'],
      ['POST', '/models/model_tutorial/url'],
      ['DELETE', '/models/model_x'],
    ] as const) {
      const sent = Object.fromEntries(
        Object.entries({ Cookie: cookie, ...headers }).filter(([, value]) => value !== ''),
      );
      const response = await fetch(`${playground.origin}/console/api${path}`, { method, headers: sent });
      expect(response.status, `${method} ${path}`).toBe(403);
    }
  });

  it('take an owner from an upload to a live URL, which is shown on request alone', async () => {
    const upload = await call('POST', '/models', { body: toForm(tutorialUpload('Mine')) });
    expect(upload.status).toBe(201);
    const { id } = (await upload.json()) as ConsoleModel;
    expect((await call('POST', `/models/${id}/url`)).status).toBe(409);
    const activated = await call('POST', `/models/${id}/activate`, json({}));
    expect(activated.status).toBe(202);
    const seen: string[] = [await activated.text()];
    let model: ConsoleModel | null = null;
    await expect
      .poll(
        async () => {
          const text = await (await call('GET', `/models/${id}`)).text();
          seen.push(text);
          model = JSON.parse(text) as ConsoleModel;
          return model.pipeline.status;
        },
        { timeout: 10_000 },
      )
      .toBe('active');
    expect(model).toMatchObject({ pipeline: { masked_url: `${worker.origin}/api/pipeline_••••••••` } });
    for (const path of ['/models', '/account', `/models/${id}/events`, `/models/${id}/versions/1`]) {
      const response = await call('GET', path);
      expect(response.status, path).toBe(200);
      expect(response.headers.get('Cache-Control')).toBe('no-store');
      seen.push(await response.text());
    }
    const { url } = (await (await call('POST', `/models/${id}/url`)).json()) as RevealedUrl;
    expect(url).toMatch(SECRET);
    const row = 'sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0';
    expect((await fetch(`${url}?${row}`)).status).toBe(200);
    const rotated = await call('POST', `/models/${id}/rotate`);
    expect(rotated.status).toBe(200);
    seen.push(await rotated.text(), await (await call('POST', `/models/${id}/deactivate`)).text());
    for (const text of seen) expect(text).not.toMatch(SECRET);
    expect((await call('DELETE', `/models/${id}`)).status).toBe(204);
    const list = (await (await call('GET', '/models')).json()) as ConsoleModelList;
    expect(list.models.map(({ tutorial }) => tutorial)).toEqual([true]);
  });

  it('refusals of the API pass as they are', async () => {
    const response = await call('POST', '/models/model_tutorial/deactivate');
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: 'tutorial_always_active' });
  });

  it('an upload says its length', async () => {
    const type = { 'Content-Type': 'multipart/form-data; boundary=x' };
    const stream = { body: new Blob(['--x--']).stream(), headers: type, duplex: 'half' } as RequestInit;
    expect((await call('POST', '/models', stream)).status).toBe(400);
  });
});

describe('signing out', () => {
  it('forgets the token', async () => {
    const response = await call('DELETE', '/session');
    expect(response.status).toBe(204);
    expect(response.headers.get('Set-Cookie')).toMatch(/^postern_session=; Max-Age=0; Path=\/console\/api/);
  });

  it('comes by itself when the token is rotated', async () => {
    const kept = ((await signIn(owner.token)).headers.get('Set-Cookie') ?? '').split(';')[0] ?? '';
    await owner.call('POST', '/v1/account/token');
    const response = await call('GET', '/models', { headers: { Cookie: kept } });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'signed_out' });
    expect(await (await call('GET', '/session', { headers: { Cookie: kept } })).json()).toEqual({ account: null });
  });

  it('and guessing has a rate', async () => {
    let refused: Response | null = null;
    for (let i = 0; i < 25 && refused === null; i += 1) {
      const response = await signIn(`postern_${'b'.repeat(48)}`);
      if (response.status === 429) refused = response;
    }
    expect(refused?.headers.get('Retry-After')).toBe('60');
  });
});

it('what is not configured says what to set', async () => {
  const bare = await startPlayground({ DEMOS: '{' }, () => Promise.reject(new Error('not asked')));
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(bare.origin + path, { ...init, headers: { Origin: bare.origin } });
    return [response.status, ((await response.json()) as { message: string }).message] as const;
  };
  expect(await ask('/demos')).toEqual([503, expect.stringContaining('npx wrangler secret put DEMOS')]);
  const post = { method: 'POST', body: JSON.stringify({ token: owner.token }) };
  expect(await ask('/console/api/session', post)).toEqual([503, expect.stringContaining('SESSION_KEY')]);
  await bare.dispose();
});

it('no secret and no token is logged', () => {
  const logs = playground.logs.join('\n');
  expect(logs).not.toMatch(/pipeline_[0-9a-z]{8}/);
  expect(logs).not.toContain(owner.token.slice(8));
});
