// The routes, what happens when none or an error answers, and the page itself.
import { type Context, Hono } from 'hono';
import { consoleRoutes } from './console.ts';
import type { AppEnv } from './env.ts';
import { Refusal, toBody, toRefusal } from './errors.ts';
import { securityHeaders } from './headers.ts';
import { demoRoutes, requireMethod } from './proxy.ts';

const NONCE_PLACE = '<meta name="csp-nonce" content=""';

export function createApp(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(securityHeaders);
  app.route('/', demoRoutes());
  app.route('/', consoleRoutes());
  for (const path of ['/demo/*', '/console/api', '/console/api/*']) {
    app.all(path, () => {
      throw new Refusal('not_found', 'There is nothing at this address, or it does not take this method.');
    });
  }
  app.all('*', servePage);
  app.onError((error, c) => {
    const refusal = toRefusal(error, c.var.requestId);
    return c.json(toBody(refusal, c.var.requestId), refusal.status as 400, {
      'Cache-Control': 'no-store',
      ...refusal.headers,
    });
  });
  return app;
}

/** A file of the build, or the page, which shows what stands at its address; with the nonce of this answer in it. */
async function servePage(c: Context<AppEnv>): Promise<Response> {
  requireMethod(c.req.method, ['GET', 'HEAD']);
  const asset = await c.env.ASSETS.fetch(c.req.raw);
  const isPage = (asset.headers.get('Content-Type') ?? '').startsWith('text/html');
  const { pathname } = new URL(c.req.url);
  if (!isPage) {
    const answer = new Response(asset.body, asset);
    // Their names change with their contents.
    if (pathname.startsWith('/assets/') && asset.ok) {
      answer.headers.set('Cache-Control', 'public, max-age=31536000, immutable');
    }
    return answer;
  }
  // The page stands in for every address but those of files.
  if (pathname.startsWith('/assets/') || /\.\w+$/.test(pathname)) {
    throw new Refusal('not_found', 'There is no such file.');
  }
  const html = (await asset.text()).replace(NONCE_PLACE, `${NONCE_PLACE.slice(0, -1)}${c.var.nonce}"`);
  return c.html(html, 200, { 'Cache-Control': 'no-store' });
}
