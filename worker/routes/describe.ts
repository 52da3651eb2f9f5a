// /api/{secret}/schema and /api/{secret}/openapi.json: what this pipeline takes and answers.
import { Hono } from 'hono';
import { toOpenApi } from '../encode/openapi.ts';
import { toSchema } from '../encode/schema.ts';
import type { AppEnv, Deps } from '../env.ts';
import { AppError } from '../errors.ts';
import type { PipelineRecord } from '../registry/records.ts';
import { privateRoute, toHandler } from './private-route.ts';

export function describeRoutes(deps: Deps): Hono<AppEnv> {
  const describe = (write: (pipeline: PipelineRecord, url: string) => object) =>
    privateRoute(deps, async ({ url, secret, method }) => {
      if (method !== 'GET' && method !== 'HEAD') {
        throw new AppError('method_not_allowed', 'Descriptions are answered to GET.', {
          headers: { Allow: 'GET, HEAD' },
        });
      }
      const pipeline = await deps.reader.getPipeline(secret);
      deps.usage.admit(pipeline);
      const body = JSON.stringify(write(pipeline, url));
      return { body, contentType: 'application/json', version: pipeline.version, rows: null };
    });
  const describeApi = describe((pipeline, url) => toOpenApi(pipeline, new URL(url).origin));
  return new Hono<AppEnv>()
    .all('/api/:secret/schema', toHandler(describe(toSchema)))
    .all('/api/:secret/openapi.json', toHandler(describeApi));
}
