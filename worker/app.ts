// The routes, and what happens when none or an error answers.
import { Hono } from 'hono';
import type { AppEnv, Deps } from './env.ts';
import { AppError } from './errors.ts';
import { describeRoutes } from './routes/describe.ts';
import { healthRoutes } from './routes/health.ts';
import { predictRoutes } from './routes/predict.ts';
import { toErrorResponse, toRequestId } from './routes/private-route.ts';

export function createApp(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ strict: false });
  app.route('/', predictRoutes(deps));
  app.route('/', describeRoutes(deps));
  app.route('/', healthRoutes(deps));

  app.notFound(() => {
    throw new AppError('not_found', 'There is nothing at this address. Predictions are at /api/pipeline_….');
  });
  app.onError((error, c) => toErrorResponse(error, toRequestId(c.req.raw.headers)));
  return app;
}
