// The whole server without a network: what its bindings say and what is asked of the API are the test's.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../../../playground/server/app.ts';
import type { Bindings } from '../../../../playground/server/env.ts';

const SECRET = `pipeline_${'a1'.repeat(16)}`;
const ORIGIN = 'https://play.example';
const TOKEN = `postern_${'a'.repeat(48)}`;
const asked: Request[] = [];
const app = createApp();

const page = '<!doctype html><meta name="csp-nonce" content="" />';
const open = { limit: async () => ({ success: true }) };
const bindings = (api: (request: Request) => Response, others: Partial<Bindings> = {}): Bindings => ({
  ASSETS: { fetch: async () => new Response(page, { headers: { 'Content-Type': 'text/html; charset=utf-8' } }) },
  API: {
    async fetch(request) {
      asked.push(request);
      return api(request);
    },
  },
  PREDICTIONS: open,
  SIGN_INS: open,
  MANAGEMENT: open,
  API_URL: 'https://api.example',
  DEMOS: JSON.stringify([{ slug: 'iris', url: `https://api.example/api/${SECRET}` }]),
  SESSION_KEY: 'c2Vzc2lvbi1rZXktb2YtdGhpcnR5LXR3by1ieXRlcyE',
  ...others,
});
const ok = (): Response => Response.json({ id: 'account_1', plan: 'trial' });

async function call(
  method: string,
  path: string,
  env: Bindings = bindings(ok),
  headers: Record<string, string> = {},
): Promise<Response> {
  return await app.request(ORIGIN + path, { method, headers: { Origin: ORIGIN, ...headers } }, env);
}

async function signIn(origin = ORIGIN, env = bindings(ok)): Promise<string> {
  const body = JSON.stringify({ token: TOKEN });
  const response = await app.request(
    `${origin}/console/api/session`,
    { method: 'POST', body, headers: { Origin: origin } },
    env,
  );
  expect(response.status).toBe(200);
  return response.headers.get('Set-Cookie') ?? '';
}

afterEach(() => {
  asked.length = 0;
});

describe('the cookie', () => {
  it('is Secure over https, and its name says so; over http it is an ordinary one', async () => {
    const secure = await signIn();
    expect(secure).toMatch(/^__Secure-postern_session=/);
    for (const attribute of ['Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/console/api', 'Max-Age=28800']) {
      expect(secure.split('; ')).toContain(attribute);
    }
    const plain = await signIn('http://localhost:5173');
    expect(plain).toMatch(/^postern_session=/);
    expect(plain.split('; ')).not.toContain('Secure');
  });

  it('of the plain name is not taken over https', async () => {
    const [, value = ''] = /=([^;]+)/.exec(await signIn()) ?? [];
    const taken = await call('GET', '/console/api/account', bindings(ok), {
      Cookie: `__Secure-postern_session=${value}`,
    });
    expect(taken.status).toBe(200);
    expect(asked.at(-1)?.headers.get('Authorization')).toBe(`Bearer ${TOKEN}`);
    const refused = await call('GET', '/console/api/account', bindings(ok), { Cookie: `postern_session=${value}` });
    expect(refused.status).toBe(401);
  });

  it('that does not open is taken away, and the session is none', async () => {
    const response = await call('GET', '/console/api/session', bindings(ok), {
      Cookie: '__Secure-postern_session=x.y',
    });
    expect(await response.json()).toEqual({ account: null });
    expect(response.headers.get('Set-Cookie')).toMatch(/^__Secure-postern_session=; Max-Age=0; .*Secure/);
    expect(asked).toEqual([]);
  });
});

describe('the list of calls', () => {
  const id = 'model_0k3v9xab12cd34ef56gh';
  it.each([
    ['GET', '/account', '/v1/account'],
    ['GET', '/models?limit=5&after=x', '/v1/models?limit=5&after=x'],
    ['POST', '/models', '/v1/models'],
    ['GET', `/models/${id}`, `/v1/models/${id}`],
    ['PATCH', `/models/${id}`, `/v1/models/${id}`],
    ['DELETE', `/models/${id}`, `/v1/models/${id}`],
    ['POST', `/models/${id}/versions`, `/v1/models/${id}/versions`],
    ['GET', `/models/${id}/versions/12`, `/v1/models/${id}/versions/12`],
    ['GET', `/models/${id}/events`, `/v1/models/${id}/events`],
    ['GET', `/models/${id}/usage`, `/v1/models/${id}/usage`],
    ['POST', `/models/${id}/activate`, `/v1/models/${id}/activate`],
    ['POST', `/models/${id}/deactivate`, `/v1/models/${id}/deactivate`],
    ['POST', `/models/${id}/rotate`, `/v1/models/${id}/rotate`],
    // However it is written, the API is asked at the address that the list holds.
    ['GET', `/models/model_%30${id.slice(7)}`, `/v1/models/${id}`],
  ])('%s %s is asked of the API', async (method, path, target) => {
    const cookie = (await signIn()).split(';')[0] ?? '';
    asked.length = 0;
    const response = await call(method, `/console/api${path}`, bindings(ok), { Cookie: cookie });
    expect(response.status).toBe(200);
    expect(asked.map(({ method, url }) => [method, url])).toEqual([[method, `https://api.example${target}`]]);
    expect([...(asked[0]?.headers.keys() ?? [])].sort()).toEqual(['accept', 'authorization', 'x-request-id']);
  });

  it.each([
    ['PUT', '/account', 405, 'HEAD, GET'],
    ['DELETE', '/account', 405, 'HEAD, GET'],
    ['DELETE', '/models', 405, 'HEAD, GET, POST'],
    ['PUT', `/models/${id}`, 405, 'HEAD, GET, PATCH, DELETE'],
    ['GET', `/models/${id}/activate`, 405, 'POST'],
    ['GET', `/models/${id}/url`, 405, 'POST'],
    ['PUT', '/session', 405, 'HEAD, GET, POST, DELETE'],
    ['POST', '/accounts', 404, null],
    ['POST', '/account/token', 404, null],
    ['GET', '/models/model_X', 404, null],
    ['GET', `/models/${id}/versions/1e3`, 404, null],
    ['GET', `/models/${id}/events/x`, 404, null],
    ['GET', `/models/${id}%2f..%2f..%2faccounts`, 404, null],
    ['GET', '//models', 404, null],
  ])('%s %s is not on it', async (method, path, status, allow) => {
    const cookie = (await signIn()).split(';')[0] ?? '';
    asked.length = 0;
    const response = await call(method, `/console/api${path}`, bindings(ok), { Cookie: cookie });
    expect(response.status).toBe(status);
    expect(response.headers.get('Allow')).toBe(allow);
    expect(asked).toEqual([]);
  });

  it('takes JSON and uploads, and no other body', async () => {
    const cookie = (await signIn()).split(';')[0] ?? '';
    const headers = { Cookie: cookie, 'Content-Type': 'text/plain' };
    expect((await call('PATCH', `/console/api/models/${id}`, bindings(ok), headers)).status).toBe(415);
  });

  it('shows no field named token, whatever the API says', async () => {
    const cookie = (await signIn()).split(';')[0] ?? '';
    const leaky = bindings(() => Response.json({ id, token: TOKEN, note: `see ${SECRET}` }));
    const response = await call('GET', `/console/api/models/${id}`, leaky, { Cookie: cookie });
    expect(await response.json()).toEqual({ id, note: 'see pipeline_••••••••' });
  });
});

describe('what is no answer of the API', () => {
  it.each<[string, () => Response]>([
    ['a page', () => new Response('<h1>Hello</h1>', { headers: { 'Content-Type': 'text/html' } })],
    ['a text', () => new Response('Worker "postern" not found', { status: 503 })],
    ['a redirect', () => new Response(null, { status: 302, headers: { Location: 'https://elsewhere.example/' } })],
    [
      'no connection',
      () => {
        throw new Error(`connect https://api.example/api/${SECRET}`);
      },
    ],
  ])('%s is not shown', async (_, answer) => {
    const log = vi.spyOn(console, 'error');
    for (const path of ['/demo/iris?a=1', '/demo/iris/schema']) {
      const response = await call('GET', path, bindings(answer));
      expect(response.status).toBe(502);
      expect(response.headers.get('Retry-After')).toBe('5');
      expect(await response.json()).toMatchObject({ code: 'api_unreachable' });
    }
    expect(log).not.toHaveBeenCalled();
    log.mockRestore();
  });
});

describe('rates', () => {
  const closed = { limit: async () => ({ success: false }) };
  it.each([
    ['GET', '/demo/iris?a=1', 'PREDICTIONS', '600 predictions'],
    ['GET', '/demo/iris/schema', 'PREDICTIONS', '600 predictions'],
    ['GET', '/demos', 'PREDICTIONS', '600 predictions'],
    ['POST', '/console/api/session', 'SIGN_INS', '10 sign-ins'],
    ['GET', '/console/api/models', 'MANAGEMENT', '600 calls'],
  ])('%s %s is held by %s', async (method, path, binding, says) => {
    const response = await call(method, path, bindings(ok, { [binding]: closed }));
    expect(response.status).toBe(429);
    expect(response.headers.get('Retry-After')).toBe('60');
    const body = (await response.json()) as { message: string; request_id: string };
    expect(body).toMatchObject({ code: 'rate_limited', message: expect.stringContaining(says) });
    expect(response.headers.get('X-Request-Id')).toBe(body.request_id);
    expect(asked).toEqual([]);
  });

  it('are counted by the address of the visitor', async () => {
    const limit = vi.fn(async () => ({ success: true }));
    await call('GET', '/demo/iris?a=1', bindings(ok, { PREDICTIONS: { limit } }), { 'CF-Connecting-IP': '192.0.2.7' });
    expect(limit).toHaveBeenCalledWith({ key: '192.0.2.7' });
  });
});

describe('the page', () => {
  it('is for those who can show one', async () => {
    for (const accept of ['text/html,application/xhtml+xml', '*/*']) {
      expect((await call('GET', '/nowhere', bindings(ok), { Accept: accept })).status).toBe(200);
    }
    const response = await call('GET', '/nowhere', bindings(ok), { Accept: 'application/json' });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'not_found' });
  });
});

it('what was not expected is logged without its message, and told as a request id', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const broken = bindings(ok, {
    PREDICTIONS: { limit: () => Promise.reject(new Error(`at https://api.example/api/${SECRET}`)) },
  });
  const response = await call('GET', '/demo/iris?a=1', broken);
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain(SECRET);
  const logged = log.mock.calls.flat().join('\n');
  expect(logged).toContain('internal Error');
  expect(logged).not.toContain(SECRET);
  log.mockRestore();
});
