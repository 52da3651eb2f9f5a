// /console/api: the management API for the owner who has signed in. A list of calls, not a tunnel; URLs masked.
import { type Context, Hono } from 'hono';
import type { Account, Model } from '../../worker/contract.ts';
import type { Credentials, RevealedUrl, Session } from '../wire.ts';
import { getStream, readBody, toMediaType } from './body.ts';
import type { AppEnv } from './env.ts';
import { Refusal } from './errors.ts';
import { checkRate, methodNotAllowed, ownPage, sameSite } from './guard.ts';
import { LIMITS } from './limits.ts';
import { maskAnswer } from './mask.ts';
import { findToken, getKey, signIn, signOut } from './session.ts';
import { callApi, passOn } from './upstream.ts';

const ROOT = '/console/api';
const ID = ':id{model_[0-9a-z]+}';

/** What an owner may do here. Not among it: making accounts, and rotating the token, whose answer would hold it. */
export const CALLS: readonly (readonly [method: string, path: string])[] = [
  ['GET', '/account'],
  ['GET', '/models'],
  ['POST', '/models'],
  ['GET', `/models/${ID}`],
  ['PATCH', `/models/${ID}`],
  ['DELETE', `/models/${ID}`],
  ['POST', `/models/${ID}/versions`],
  ['GET', `/models/${ID}/versions/:version{[0-9]+}`],
  ['GET', `/models/${ID}/events`],
  ['GET', `/models/${ID}/usage`],
  ['POST', `/models/${ID}/activate`],
  ['POST', `/models/${ID}/deactivate`],
  ['POST', `/models/${ID}/rotate`],
];

/** What this server answers itself. */
const OWN_CALLS: typeof CALLS = [
  ['GET', '/session'],
  ['POST', '/session'],
  ['DELETE', '/session'],
  ['POST', `/models/${ID}/url`],
];

export function consoleRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>().basePath(ROOT);
  app.use(sameSite, ownPage, async (c, next) => {
    await next();
    c.header('Cache-Control', 'no-store');
  });
  app.get('/session', async (c) => {
    const token = await findToken(c);
    if (token === null) return c.json({ account: null } satisfies Session);
    const response = await ask(c, token, 'GET', '/v1/account');
    if (response.status !== 401) return passAnswer(response, (account) => ({ account }));
    signOut(c);
    return c.json({ account: null } satisfies Session);
  });
  app.post('/session', async (c) => {
    await checkRate(c, c.env.SIGN_INS, LIMITS.SIGN_INS_PER_MINUTE, 'sign-ins');
    getKey(c.env);
    const token = await readToken(c);
    const response = await ask(c, token, 'GET', '/v1/account');
    if (response.status === 401)
      throw new Refusal('unauthorized', 'This is no token of an account here. Was it copied whole?');
    if (!response.ok) return passAnswer(response);
    await signIn(c, token);
    return c.json({ account: maskAnswer(await response.json()) as Account } satisfies Session);
  });
  app.delete('/session', (c) => {
    signOut(c);
    return c.body(null, 204);
  });
  app.post(`/models/${ID}/url`, async (c) => {
    const response = await askAsOwner(c, 'GET', `/v1/models/${c.req.param('id')}`);
    if (!response.ok) return passAnswer(response);
    const { url } = ((await response.json()) as Model).pipeline;
    if (url === undefined)
      throw new Refusal('pipeline_inactive', 'This model has no URL at the moment: its API is off.');
    return c.json({ url } satisfies RevealedUrl);
  });
  for (const [method, path] of CALLS) {
    app.on(method, path, async (c) => {
      // The path that one of the patterns has matched, letter by letter; that of the URL may be written otherwise.
      const target = c.req.path.replace(ROOT, '/v1') + new URL(c.req.url).search;
      return passAnswer(await askAsOwner(c, method, target));
    });
  }
  const taken = [...CALLS, ...OWN_CALLS];
  for (const path of new Set(taken.map(([, path]) => path))) {
    const methods = taken.flatMap(([method, each]) => (each === path ? [method] : []));
    app.all(path, () => {
      throw methodNotAllowed(methods.includes('GET') ? ['HEAD', ...methods] : methods);
    });
  }
  return app;
}

/** Uploads stream; all else is small. @throws Refusal */
async function toBody(c: Context<AppEnv>): Promise<BodyInit | null> {
  const type = toMediaType(c.req.header('Content-Type') ?? '');
  if (type === 'multipart/form-data') return getStream(c.req.raw, LIMITS.UPLOAD_BODY_BYTES);
  if (type !== 'application/json' && type !== '') {
    throw new Refusal('unsupported_media_type', 'Send JSON, or an upload as multipart/form-data.');
  }
  const body = await readBody(c.req.raw, LIMITS.JSON_BODY_BYTES);
  return body === null || body.length === 0 ? null : body;
}

/** Reads the body when the rest is in order. @throws Refusal signed_out */
async function askAsOwner(c: Context<AppEnv>, method: string, path: string): Promise<Response> {
  await checkRate(c, c.env.MANAGEMENT, LIMITS.MANAGEMENT_PER_MINUTE, 'calls of the console');
  const token = await findToken(c);
  const body = token === null || method === 'GET' ? null : await toBody(c);
  const response = token === null ? null : await ask(c, token, method, path, body);
  if (response !== null && response.status !== 401) return response;
  signOut(c);
  throw new Refusal('signed_out', 'You are signed out. Sign in with the account token.');
}

function ask(
  c: Context<AppEnv>,
  token: string,
  method: string,
  path: string,
  body: BodyInit | null = null,
): Promise<Response> {
  const { API_URL } = c.env;
  if (API_URL === undefined || !URL.canParse(API_URL)) {
    throw new Refusal(
      'not_configured',
      'The secret API_URL is not set: the public address of the API. Set it with: npx wrangler secret put API_URL',
    );
  }
  return callApi(c.env, {
    method,
    // Also over the service binding: URLs in the answers begin with the origin that was called.
    url: new URL(API_URL).origin + path,
    headers: {
      Authorization: `Bearer ${token}`,
      Accept: 'application/json',
      'Content-Type': body === null ? null : c.req.header('Content-Type'),
    },
    body,
    requestId: c.var.requestId,
  });
}

async function passAnswer(
  response: Response,
  wrap: (answer: unknown) => unknown = (answer) => answer,
): Promise<Response> {
  if (response.status === 204) return passOn(response, null);
  const answer = maskAnswer(await response.json());
  return passOn(response, JSON.stringify(response.ok ? wrap(answer) : answer));
}

/** @throws Refusal malformed_body, unauthorized */
async function readToken(c: Context<AppEnv>): Promise<string> {
  const body = await readBody(c.req.raw, LIMITS.TOKEN_CHARACTERS * 2);
  let token: unknown;
  try {
    token = (JSON.parse(new TextDecoder().decode(body ?? new Uint8Array())) as Partial<Credentials>).token;
  } catch {
    throw new Refusal('malformed_body', 'Send {"token": "postern_…"} as JSON.');
  }
  if (typeof token !== 'string' || !/^postern_\w+$/.test(token) || token.length > LIMITS.TOKEN_CHARACTERS) {
    throw new Refusal(
      'unauthorized',
      'An account token begins with "postern_". It was shown when the account was made.',
    );
  }
  return token;
}
