// The way of this playground: a page asks its own server, which knows the secret URL. A Worker with Hono, whole.
import type { Language, SnippetRequest } from './request.ts';

export const hono: Language = {
  id: 'hono',
  name: 'Page → Worker',
  file: 'worker.mjs',
  run: 'npx wrangler secret put PIPELINE_URL && npx wrangler deploy worker.mjs',
  needs: 'npm install hono',
  syntax: 'javascript',
  write({ image }: SnippetRequest): string {
    const json = image === null;
    return `import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { csrf } from 'hono/csrf';

const app = new Hono();

// Your page calls /predict on your own server. Check here who may: a session, a rate limit.
app.use('/predict', csrf(), bodyLimit({ maxSize: ${json ? '100 * 1024' : '12 * 1024 * 1024'} }));

app.post('/predict', async (c) => {
  const response = await fetch(c.env.PIPELINE_URL, {
    method: 'POST',
    // Nothing else of the page's request goes on: no cookies, no Origin.
    headers: { 'Content-Type': ${json ? "'application/json'" : "c.req.header('Content-Type')"} },
    body: await c.req.arrayBuffer(),
    signal: AbortSignal.timeout(30_000),
  });
  return new Response(response.body, {
    status: response.status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
  });
});

export default app;
`;
  },
};
