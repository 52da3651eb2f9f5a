// The proxy that the page shows, in workerd and in Node, called by the very lines that it gives to a page: the page gets its
// answers and the words of refusals, and other sites, large bodies and the URL stay out.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serve } from '@hono/node-server';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hono } from '../../playground/src/snippets/hono.ts';
import type { SnippetRequest } from '../../playground/src/snippets/request.ts';
import { ask, HOSTILE, photoAndColumns } from '../support/snippet-cases.ts';
import { ROOT } from '../support/start.ts';
import { startWorker, type TestWorker } from '../support/worker.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-proxy-'));
const running: Miniflare[] = [];
let worker: TestWorker;
let iris = '';
let photo = '';
beforeAll(async () => {
  copyFileSync(join(ROOT, 'playground/demos/digits/samples/drawn-7-200.png'), join(folder, 'image.png'));
  worker = await startWorker();
  iris = (await worker.publishTutorial()).url;
  photo = (await worker.publish(...photoAndColumns())).url;
});
afterAll(async () => {
  for (const each of running) await each.dispose();
  await worker?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const table: SnippetRequest = {
  row: { sepalLength: 1, sepalWidth: 1, petalLength: 1.5, petalWidth: 2 },
  image: null,
};
const picture: SnippetRequest = {
  row: { 'größe "cm" = $1': 7.5, pair: [1, 2], gone: null },
  image: { feature: "the 'photo'", file: 'image.png', type: 'image/png' },
};

async function bundle(request: SnippetRequest): Promise<string> {
  const stdin = { contents: hono.write(request), resolveDir: ROOT };
  const { outputFiles } = await build({ stdin, bundle: true, format: 'esm', write: false });
  return outputFiles[0]?.text ?? '';
}

/** @returns the proxy's own address. */
async function startProxy(request: SnippetRequest, url: string): Promise<string> {
  const proxy = new Miniflare({
    modules: true,
    script: await bundle(request),
    compatibilityDate: '2026-05-01',
    bindings: { PIPELINE_URL: url },
    cf: false,
  });
  running.push(proxy);
  return (await proxy.ready).origin;
}

/** Runs the lines that stand for the page as a browser would, and gives what they call `answer`. */
async function askAsPage(request: SnippetRequest, origin: string): Promise<unknown> {
  const [, comment = ''] = hono.write(request).split('// In your page, on the same origin:\n');
  const lines = comment.replaceAll(/^\/\/ {3}/gm, '');
  const browse = (path: string, init: RequestInit) =>
    fetch(new URL(path, origin), {
      ...init,
      headers: {
        ...init.headers,
        Origin: origin,
        Cookie: 'session=1',
        'Sec-Fetch-Site': 'same-origin',
        'Sec-Fetch-Mode': 'cors',
        'Sec-Fetch-Dest': 'empty',
      },
    });
  const file = new File([readFileSync(join(folder, 'image.png'))], 'photo.png', { type: 'image/png' });
  const document = { querySelector: () => ({ files: [file] }) };
  const AsyncFunction = (async () => undefined).constructor as FunctionConstructor;
  return AsyncFunction('fetch', 'document', `${lines}\nreturn answer;`)(browse, document);
}

describe('in workerd', () => {
  it('answers a row', async () => {
    expect(await askAsPage(table, await startProxy(table, iris))).toEqual((await ask(iris, table, folder)).body);
  });

  it('answers a row of hostile texts with what the pipeline says of them', async () => {
    const hostile = { row: { ...table.row, [HOSTILE.join('')]: HOSTILE.join('') }, image: null };
    const { body } = await ask(iris, hostile, folder);
    const { message } = body as { message: string };
    await expect(askAsPage(hostile, await startProxy(table, iris))).rejects.toThrow(message);
  });

  it('answers an image with columns', async () => {
    expect(await askAsPage(picture, await startProxy(picture, photo))).toEqual(
      (await ask(photo, picture, folder)).body,
    );
  });

  it.each([table, picture])('refuses forms of other sites', async (request) => {
    const address = `${await startProxy(request, iris)}/predict`;
    const stranger = { Origin: 'https://example.com', 'Sec-Fetch-Site': 'cross-site' };
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const headers = { ...stranger, 'Content-Type': type };
      const { status } = await fetch(address, { method: 'POST', headers, body: JSON.stringify(table.row) });
      expect(status).toBe(403);
    }
    const preflight = await fetch(address, {
      method: 'OPTIONS',
      headers: { ...stranger, 'Access-Control-Request-Method': 'POST' },
    });
    expect(preflight.headers.get('Access-Control-Allow-Origin')).toBeNull();
  });

  it('refuses more than a row', async () => {
    const headers = { 'Content-Type': 'application/json' };
    const body = ' '.repeat(64 * 1024 + 1);
    const { status } = await fetch(`${await startProxy(table, iris)}/predict`, { method: 'POST', headers, body });
    expect(status).toBe(413);
  });

  it('says that nothing answers, and not where', async () => {
    const origin = await startProxy(table, `http://127.0.0.1:1/api/pipeline_${'0'.repeat(32)}`);
    await expect(askAsPage(table, origin)).rejects.toThrow('The model does not answer. Try again later.');
  });
});

it('runs in Node as well', async () => {
  const file = join(folder, 'worker.mjs');
  writeFileSync(file, await bundle(table));
  const { default: app } = (await import(pathToFileURL(file).href)) as { default: Parameters<typeof serve>[0] };
  process.env.PIPELINE_URL = iris;
  const server = await new Promise<{ port: number; close: () => void }>((resolve) => {
    const started = serve({ fetch: app.fetch, port: 0 }, ({ port }) => resolve({ port, close: () => started.close() }));
  });
  try {
    expect(await askAsPage(table, `http://localhost:${server.port}`)).toEqual((await ask(iris, table, folder)).body);
  } finally {
    server.close();
    delete process.env.PIPELINE_URL;
  }
});
