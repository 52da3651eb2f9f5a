// Who may ask: this site's own page, and programs; never the page of another site. And how often.
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { AppEnv, RateLimit } from './env.ts';
import { Refusal } from './errors.ts';
import { LIMITS } from './limits.ts';

/** Refuses what another site's page has sent. Browsers say so themselves, in headers that scripts cannot set. */
export const sameSite = createMiddleware<AppEnv>(async (c, next) => {
  const { method, url, headers } = c.req.raw;
  if (method === 'OPTIONS' || isCrossSite(headers, new URL(url).origin)) throw crossSite();
  await next();
});

/** Calls that change something need more than silence: a sign that this site's page has sent them. */
export const ownPage = createMiddleware<AppEnv>(async (c, next) => {
  const { method, url, headers } = c.req.raw;
  const changes = method !== 'GET' && method !== 'HEAD';
  if (changes && !isOwnPage(headers, new URL(url).origin)) throw crossSite();
  await next();
});

export function isCrossSite(headers: Headers, own: string): boolean {
  const site = headers.get('Sec-Fetch-Site');
  if (site !== null && site !== 'same-origin' && site !== 'none') return true;
  const origin = headers.get('Origin');
  return origin !== null && origin !== own;
}

export function isOwnPage(headers: Headers, own: string): boolean {
  return headers.get('Sec-Fetch-Site') === 'same-origin' || headers.get('Origin') === own;
}

function crossSite(): Refusal {
  return new Refusal('cross_site', 'Only the page of this playground may ask this. Call it from there.');
}

/** @throws Refusal rate_limited */
export async function checkRate(c: Context<AppEnv>, limit: RateLimit, perMinute: number, what: string): Promise<void> {
  const key = c.req.header('CF-Connecting-IP') ?? 'unknown';
  if ((await limit.limit({ key })).success) return;
  throw new Refusal('rate_limited', `Slow down: a visitor may make ${perMinute} ${what} a minute.`, {
    'Retry-After': String(LIMITS.RATE_RETRY_SECONDS),
  });
}

/** @throws Refusal method_not_allowed */
export function requireMethod(method: string, allowed: readonly string[]): void {
  if (!allowed.includes(method)) throw methodNotAllowed(allowed);
}

export function methodNotAllowed(allowed: readonly string[]): Refusal {
  const list = allowed.join(', ');
  return new Refusal('method_not_allowed', `This address takes ${list}.`, { Allow: list });
}
