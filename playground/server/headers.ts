// What every answer carries: a strict policy for the page, and nothing for other sites.
import { createMiddleware } from 'hono/factory';
import type { AppEnv } from './env.ts';

/** Vite's client of the development server brings an inline script and a WebSocket. */
const DEVELOPMENT = import.meta.env.DEV;

const FIXED: Readonly<Record<string, string>> = {
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

export const securityHeaders = createMiddleware<AppEnv>(async (c, next) => {
  const nonce = toBase64(crypto.getRandomValues(new Uint8Array(16)));
  c.set('nonce', nonce);
  c.set('requestId', crypto.randomUUID());
  await next();
  // Answers of assets and of the API cannot be written to.
  c.res = new Response(c.res.body, c.res);
  for (const [name, value] of Object.entries(FIXED)) c.res.headers.set(name, value);
  c.res.headers.set('Content-Security-Policy', toPolicy(nonce));
  for (const name of [...c.res.headers.keys()]) {
    if (name.startsWith('access-control-')) c.res.headers.delete(name);
  }
});

function toPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    DEVELOPMENT ? "script-src 'self' 'unsafe-inline'" : "script-src 'self'",
    DEVELOPMENT ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    DEVELOPMENT ? "connect-src 'self' ws:" : "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
