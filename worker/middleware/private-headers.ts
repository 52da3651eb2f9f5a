// The headers of everything under a secret URL: not cached, not indexed, not sniffed, never passed on in a Referer.
// There is no CORS header, ever: pages may not read these answers.
import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../env.ts';

export const PRIVATE_HEADERS = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Robots-Tag': 'noindex',
} as const;

export const privateHeaders: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(PRIVATE_HEADERS)) c.res.headers.set(name, value);
  c.res.headers.set('X-Request-Id', c.get('requestId'));
};
