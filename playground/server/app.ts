// The routes, what happens when none or an error answers, and the page itself.
import { type Context, Hono } from 'hono';
import { drain } from './body.ts';
import { consoleRoutes } from './console.ts';
import type { AppEnv } from './env.ts';
import { Refusal, toBody, toRefusal } from './errors.ts';
import { requireMethod } from './guard.ts';
import { securityHeaders } from './headers.ts';
import { demoRoutes } from './proxy.ts';

const NONCE_PLACE = '<meta name="csp-nonce" content=""';

export function createApp(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(securityHeaders, async (c, next) => {
    c.set('requestId', crypto.randomUUID());
    await next();
  });
  app.route('/', demoRoutes());
  app.route('/', consoleRoutes());
  for (const path of ['/demo/*', '/console/api', '/console/api/*']) {
    app.all(path, () => {
      throw new Refusal('not_found', 'There is nothing at this address.');
    });
  }
  app.all('*', servePage);
  app.onError(async (error, c) => {
    const { requestId } = c.var;
    const refusal = toRefusal(error, requestId);
    await drain(c.req.raw);
    return c.json(toBody(refusal, requestId), refusal.status as 400, {
      'Cache-Control': 'no-store',
      'X-Request-Id': requestId,
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
  // The page stands in for every address but those of files, and for whoever can show a page.
  const isFile = pathname.startsWith('/assets/') || /\.\w+$/.test(pathname);
  if (isFile || !/text\/html|\*\/\*/.test(c.req.header('Accept') ?? '*/*')) {
    throw new Refusal('not_found', 'There is nothing at this address.');
  }
  const html = await asset.text();
  const nonce = c.get('secureHeadersNonce') ?? '';
  return c.html(html.replace(NONCE_PLACE, `${NONCE_PLACE.slice(0, -1)}${nonce}"`), 200, {
    'Cache-Control': 'no-store',
  });
}
