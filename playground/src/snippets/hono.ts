// What a page may call: a server of your own that holds the URL. A Worker with Hono, whole; the page's part as a comment.
import { toObject } from './javascript.ts';
import { type Language, TIMEOUT_SECONDS } from './language.ts';
import { toQuery } from './literals.ts';
import type { SnippetRequest, SnippetRow } from './request.ts';

const NAME = 'my-predictions';

export const hono: Language = {
  id: 'hono',
  name: 'Hono proxy',
  file: 'worker.mjs',
  syntax: 'javascript',
  install: 'npm install hono wrangler',
  run: `npx wrangler deploy worker.mjs --name ${NAME} --compatibility-date 2026-05-01`,
  setUrl: `npx wrangler secret put PIPELINE_URL --name ${NAME}`,
  write: (request: SnippetRequest) => `import { Hono } from 'hono';
import { env } from 'hono/adapter';
import { bodyLimit } from 'hono/body-limit';
import { csrf } from 'hono/csrf';

const app = new Hono();

// Who may ask? Not the forms of other sites, and not with large bodies.
// Your sign-in and a limit per visitor belong here as well.
app.use('/predict', csrf(), bodyLimit({ maxSize: ${request.image === null ? '64 * 1024' : '10 * 1024 * 1024'} }));

app.post('/predict', async (c) => {
  // Nothing else of the page's request goes on: no cookie, no Origin.
${request.image === null ? passRow() : passImage(request.row)}
    signal: AbortSignal.timeout(${TIMEOUT_SECONDS}_000),
  }).catch(() => null);
  if (!response) return c.json({ message: 'The model does not answer. Try again later.' }, 503);
  return c.body(response.body, response.status, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
  });
});

export default app;

// In your page, on the same origin:
${toComment(request.image === null ? askRow(request.row) : askImage(request.row))}`,
};

const passRow = (): string => `  const response = await fetch(env(c).PIPELINE_URL, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: await c.req.text(),`;

function passImage(row: SnippetRow): string {
  const url = Object.keys(row).length === 0 ? 'env(c).PIPELINE_URL' : 'env(c).PIPELINE_URL + new URL(c.req.url).search';
  return `  const response = await fetch(${url}, {
    method: 'POST',
    headers: { 'Content-Type': c.req.header('Content-Type') ?? 'image/png' },
    body: await c.req.arrayBuffer(),`;
}

function askRow(row: SnippetRow): string {
  return `const row = ${toObject(row)};
const response = await fetch('/predict', {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(row),
});
${READ}`;
}

function askImage(row: SnippetRow): string {
  return `const [image] = document.querySelector('input[type=file]').files;
const response = await fetch('/predict${toQuery(row)}', { method: 'POST', body: image });
${READ}`;
}

const READ = `const answer = await response.json();
if (!response.ok) throw new Error(answer.message);
`;

const toComment = (text: string): string => text.replaceAll(/^(?=.)/gm, '//   ');
