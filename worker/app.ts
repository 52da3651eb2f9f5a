// The order of things for every request: middleware, routes, and what happens when nothing or an error answers.
import { Hono } from 'hono';
import type { AppEnv, Deps } from './env.ts';
import { AppError, toAppError, toErrorBody } from './errors.ts';
import { PRIVATE_HEADERS, privateHeaders } from './middleware/private-headers.ts';
import { requestId } from './middleware/request-id.ts';
import { serversOnly } from './middleware/servers-only.ts';
import { describeRoutes } from './routes/describe.ts';
import { healthRoutes } from './routes/health.ts';
import { predictRoutes } from './routes/predict.ts';

export function createApp(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ strict: false });
  app.use(requestId);
  app.use('/api/*', privateHeaders, serversOnly);
  app.route('/', predictRoutes(deps));
  app.route('/', describeRoutes(deps));
  app.route('/', healthRoutes(deps));

  app.notFound(() => {
    throw new AppError('not_found', 'There is nothing at this address. Predictions are at /api/pipeline_….');
  });
  app.onError((error, c) => {
    const id = c.get('requestId');
    const known = toAppError(error, id);
    for (const [name, value] of Object.entries({ ...PRIVATE_HEADERS, ...known.details.headers })) c.header(name, value);
    c.header('X-Request-Id', id);
    return c.body(JSON.stringify(toErrorBody(known, id)), known.status as 400, { 'Content-Type': 'application/json' });
  });
  return app;
}
