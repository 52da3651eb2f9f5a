// /api/{secret}/schema and /api/{secret}/openapi.json: what this pipeline takes and answers.
import { Hono } from 'hono';
import { toOpenApi } from '../encode/openapi.ts';
import { toSchema } from '../encode/schema.ts';
import type { AppEnv, Deps } from '../env.ts';
import { AppError } from '../errors.ts';

export function describeRoutes(deps: Deps): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/api/:secret/schema', async (c) => c.json(toSchema(await deps.reader.getPipeline(c.req.param('secret')))))
    .get('/api/:secret/openapi.json', async (c) => {
      const pipeline = await deps.reader.getPipeline(c.req.param('secret'));
      return c.json(toOpenApi(pipeline, new URL(c.req.url).origin));
    })
    .all('/api/:secret/:document{schema|openapi\\.json}', (c) => {
      throw new AppError('method_not_allowed', `${c.req.method} is not answered here: use GET.`, {
        headers: { Allow: 'GET, HEAD' },
      });
    });
}
