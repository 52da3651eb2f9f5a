// Liveness (the isolate runs) and readiness (storage answers).
import { Hono } from 'hono';
import type { AppEnv, Deps } from '../env.ts';

export function healthRoutes(deps: Deps): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/health/live', (c) => c.json({ status: 'live' }))
    .get('/health/ready', async (c) => {
      await deps.reader.check();
      return c.json({ status: 'ready' });
    });
}
