// /demos and /demo/{slug}: the right way to use a secret URL from a page. The page names a slug; this server knows the URL.
import { type Context, Hono } from 'hono';
import type { DemoList } from '../wire.ts';
import { getRowLimit, readBody } from './body.ts';
import { getDemo, listDemos } from './demos.ts';
import type { AppEnv } from './env.ts';
import { Refusal } from './errors.ts';
import { checkRate, requireMethod, sameSite } from './guard.ts';
import { LIMITS } from './limits.ts';
import { maskText } from './mask.ts';
import { callApi, passOn } from './upstream.ts';

export function demoRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  for (const path of ['/demos', '/demo/*']) app.use(path, sameSite);

  app.all('/demos', async (c) => {
    requireMethod(c.req.method, ['GET', 'HEAD']);
    await checkPredictionRate(c);
    const demos = await listDemos(c.env, c.var.requestId);
    return c.json({ demos, api_url: c.env.API_URL ?? '' } satisfies DemoList, 200, { 'Cache-Control': 'no-store' });
  });

  app.all('/demo/:slug/schema', async (c) => {
    requireMethod(c.req.method, ['GET', 'HEAD']);
    const { url } = getDemo(c.env, c.req.param('slug'));
    await checkPredictionRate(c);
    const response = await callApi(c.env, {
      method: 'GET',
      url: `${url}/schema`,
      headers: {},
      requestId: c.var.requestId,
    });
    return toAnswer(response);
  });

  app.all('/demo/:slug', async (c) => {
    const { method } = c.req;
    requireMethod(method, ['GET', 'HEAD', 'POST']);
    const { url } = getDemo(c.env, c.req.param('slug'));
    const { search } = new URL(c.req.url);
    if (search.length > LIMITS.QUERY_CHARACTERS) {
      throw new Refusal('invalid_input', `A query string may have ${LIMITS.QUERY_CHARACTERS} characters.`);
    }
    await checkPredictionRate(c);
    const contentType = method === 'POST' ? (c.req.header('Content-Type') ?? '') : null;
    const body = contentType === null ? null : await readBody(c.req.raw, getRowLimit(contentType));
    const response = await callApi(c.env, {
      method,
      url: url + search,
      headers: { 'Content-Type': contentType, Accept: c.req.header('Accept') },
      body,
      requestId: c.var.requestId,
    });
    return toAnswer(response);
  });
  return app;
}

function checkPredictionRate(c: Context<AppEnv>): Promise<void> {
  return checkRate(c, c.env.PREDICTIONS, LIMITS.PREDICTIONS_PER_MINUTE, 'predictions');
}

/** Predictions pass as they stream; an error is looked at once more, though the API names no secret. */
async function toAnswer(response: Response): Promise<Response> {
  return response.ok ? passOn(response) : passOn(response, maskText(await response.text()));
}
