// /api/{secret}: GET for one row, POST for JSON, forms, CSV and NDJSON.
import { Hono } from 'hono';
import type { AppEnv, Deps } from '../env.ts';
import { AppError } from '../errors.ts';
import { predict } from '../predict.ts';
import { privateRoute } from './private-route.ts';

export function predictRoutes(deps: Deps): Hono<AppEnv> {
  const route = privateRoute(deps, ({ request, secret, method, headers, requestId }) => {
    const search = toSearch(request.url);
    const accept = headers.get('Accept');
    if (method === 'GET' || method === 'HEAD') return predict(deps, { secret, search, accept, requestId, body: null });
    if (method !== 'POST') {
      throw new AppError('method_not_allowed', 'Predictions are answered to GET and POST.', {
        headers: { Allow: 'GET, HEAD, POST' },
      });
    }
    const length = headers.get('Content-Length');
    return predict(deps, {
      secret,
      search,
      accept,
      requestId,
      contentType: headers.get('Content-Type'),
      contentEncoding: headers.get('Content-Encoding'),
      contentLength: length === null ? null : Number(length),
      // A POST of nothing, as clients send it that put the row into the query string.
      body: length === '0' ? null : request.body,
    });
  });
  return new Hono<AppEnv>().all('/api/:secret', route);
}

function toSearch(url: string): string {
  const start = url.indexOf('?');
  if (start < 0) return '';
  const end = url.indexOf('#', start);
  return end < 0 ? url.slice(start + 1) : url.slice(start + 1, end);
}
