// Refuses calls that a page makes: the secret in the URL would be in its source, for everyone to read and spend.
import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../env.ts';
import { AppError } from '../errors.ts';

const ADVICE =
  'This URL is a secret for servers: a page that calls it shows it to every visitor. ' +
  'Call it from your own server and let the page call that (the playground shows how).';

export const serversOnly: MiddlewareHandler<AppEnv> = async (c, next) => {
  // OPTIONS is a preflight: only browsers ask whether they may.
  if (c.req.method === 'OPTIONS' || isPageCall((name) => c.req.header(name))) {
    throw new AppError('browser_call', ADVICE);
  }
  await next();
};

/**
 * Browsers send Origin or Sec-Fetch-Site with what a page asks for. Typing the URL into the address bar is a
 * navigation to a document. Node's own fetch sends Sec-Fetch-Mode alone, and is a server.
 */
export function isPageCall(header: (name: string) => string | undefined): boolean {
  if (header('Origin') !== undefined) return true;
  if (header('Sec-Fetch-Site') === undefined) return false;
  const mode = header('Sec-Fetch-Mode') ?? 'navigate';
  const destination = header('Sec-Fetch-Dest') ?? 'document';
  return mode !== 'navigate' || destination !== 'document';
}
