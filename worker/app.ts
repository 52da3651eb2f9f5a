// The routes, and what happens when none or an error answers.
import { Hono } from 'hono';
import type { AppEnv, Deps } from './env.ts';
import { AppError, toAppError, toErrorBody } from './errors.ts';
import { describeRoutes } from './routes/describe.ts';
import { healthRoutes } from './routes/health.ts';
import { predictRoutes } from './routes/predict.ts';
import { getRequestId, privateHeaders } from './routes/private-route.ts';

export function createApp(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ strict: false });
  app.route('/', predictRoutes(deps));
  app.route('/', describeRoutes(deps));
  app.route('/', healthRoutes(deps));

  app.notFound(() => {
    throw new AppError('not_found', 'There is nothing at this address. Predictions are at /api/pipeline_….');
  });
  app.onError((error, c) => {
    const id = getRequestId(c);
    const known = toAppError(error, id);
    return new Response(JSON.stringify(toErrorBody(known, id)), {
      status: known.status,
      headers: privateHeaders(id, { 'Content-Type': 'application/json', ...known.details.headers }),
    });
  });
  return app;
}
