// The routes, and what happens when none or an error answers.
import { type Handler, Hono } from 'hono';
import type { AppEnv, Bindings, Deps } from './env.ts';
import { AppError } from './errors.ts';
import { describeRoutes } from './routes/describe.ts';
import { healthRoutes } from './routes/health.ts';
import type { OwnerEnv } from './routes/owner.ts';
import { predictRoutes, predictShortcut } from './routes/predict.ts';
import { toErrorResponse } from './routes/private-route.ts';
import { afterBody } from './routes/refuse.ts';
import { toRequestId } from './routes/request-id.ts';

/** What the Worker answers with: predictions by the shortest way, all else by the routes. */
export function createFetch(deps: Deps): ExportedHandlerFetchHandler<Bindings> {
  const app = createApp(deps);
  const predict = predictShortcut(deps);
  return (request, bindings, context) => predict(request, context) ?? app.fetch(request, bindings, context);
}

export function createApp(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ strict: false });
  app.route('/', predictRoutes(deps));
  app.route('/', describeRoutes(deps));
  app.route('/', healthRoutes(deps));
  const management = manage(deps);
  for (const path of ['/v1/*', '/openapi.json', '/docs']) app.all(path, management);

  app.notFound(() => {
    throw new AppError('not_found', 'There is nothing at this address. Predictions are at /api/pipeline_….');
  });
  app.onError((error, c) => afterBody(c.req.raw, toErrorResponse(error, toRequestId(c.req.raw.headers))));
  return app;
}

/** The app of the owners, made when one of them calls. */
function manage(deps: Deps): Handler<AppEnv> {
  let app: Hono<OwnerEnv> | null = null;
  return async (c) => {
    const { createManagement } = await import('./routes/management.ts');
    app ??= createManagement(deps);
    return app.fetch(c.req.raw, c.env, c.executionCtx);
  };
}
