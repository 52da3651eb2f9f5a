// /api/{secret}: GET for one row, POST for JSON, forms, CSV and NDJSON.
import { Hono } from 'hono';
import type { AppEnv, Deps } from '../env.ts';
import { AppError } from '../errors.ts';
import { predict } from '../predict.ts';

export function predictRoutes(deps: Deps): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .on(['GET', 'POST'], '/api/:secret', async (c) => {
      const { url, headers, body } = c.req.raw;
      const answer = await predict(deps, {
        secret: c.req.param('secret'),
        method: c.req.method === 'POST' ? 'POST' : 'GET',
        search: toSearch(url),
        contentType: headers.get('Content-Type'),
        contentEncoding: headers.get('Content-Encoding'),
        accept: headers.get('Accept'),
        body,
        requestId: c.get('requestId'),
      });
      return c.body(answer.body, 200, {
        'Content-Type': answer.contentType,
        'X-Model-Version': String(answer.version),
      });
    })
    .all('/api/:secret', (c) => {
      throw new AppError('method_not_allowed', `${c.req.method} is not answered here: use GET or POST.`, {
        headers: { Allow: 'GET, HEAD, POST' },
      });
    });
}

function toSearch(url: string): string {
  const start = url.indexOf('?');
  if (start < 0) return '';
  const end = url.indexOf('#', start);
  return end < 0 ? url.slice(start + 1) : url.slice(start + 1, end);
}
