// Gives every request an id that its answer, its error body and the log share.
import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../env.ts';
import { LIMITS } from '../limits.ts';

/** A caller's own id is kept when it can stand in a header and a log line as it is. */
const SANE = new RegExp(`^[\\w.:/+=-]{1,${LIMITS.REQUEST_ID_CHARACTERS}}$`);

export const requestId: MiddlewareHandler<AppEnv> = async (c, next) => {
  const sent = c.req.header('X-Request-Id');
  c.set('requestId', sent !== undefined && SANE.test(sent) ? sent : crypto.randomUUID());
  await next();
};
