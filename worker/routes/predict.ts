// /api/{secret}: GET for one row, POST for JSON, forms, CSV and NDJSON.
import { Hono } from 'hono';
import type { AppEnv, Deps } from '../env.ts';
import { AppError } from '../errors.ts';
import { predict } from '../predict.ts';
import { type PrivateRoute, privateRoute, toHandler } from './private-route.ts';

export function predictRoutes(deps: Deps): Hono<AppEnv> {
  return new Hono<AppEnv>().all('/api/:secret', toHandler(predictRoute(deps)));
}

/** @returns null for a request that is for the routes. */
export type Shortcut = (
  request: Request,
  context: Pick<ExecutionContext, 'waitUntil'>,
) => ReturnType<PrivateRoute> | null;

/**
 * The same for a URL that is written as usual, without Hono: to match it among all routes, and what Hono makes for its
 * handlers, is a quarter of what a prediction adds to an empty answer.
 */
export function predictShortcut(deps: Deps): Shortcut {
  const route = predictRoute(deps);
  return (request, context) => {
    const { method, url } = request;
    // Of HEAD's answer Hono takes the body.
    const secret = method === 'HEAD' ? undefined : USUAL_URL.exec(url)?.[1];
    return secret === undefined ? null : route({ request, method, url, secret }, context);
  };
}

/** Nothing that is percent-encoded, no slash at the end. */
const USUAL_URL = /^https?:\/\/[^/?#]+\/api\/([^/?#%]+)(?:\?|$)/;

function predictRoute(deps: Deps): PrivateRoute {
  return privateRoute(deps, ({ request, url, secret, method, headers, requestId }) => {
    const search = toSearch(url);
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
}

function toSearch(url: string): string {
  const start = url.indexOf('?');
  if (start < 0) return '';
  const end = url.indexOf('#', start);
  return end < 0 ? url.slice(start + 1) : url.slice(start + 1, end);
}
