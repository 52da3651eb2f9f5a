// Everything that a browser gets, sends, stores or prints, as text; and where in it a secret stands.
import { expect, type Page } from '@playwright/test';
import { stack } from './stack.ts';

export interface Seen {
  readonly where: string;
  readonly text: string;
}

/** Everything from now on, as text; `seen` grows while the page is used. */
export async function record(page: Page): Promise<{ seen: Seen[]; settle: () => Promise<void> }> {
  const seen: Seen[] = [];
  const bodies: Promise<void>[] = [];
  const add = (where: string, text: string) => seen.push({ where, text });
  page.on('request', (request) => {
    add(`request ${request.method()} ${request.url()}`, request.url());
    bodies.push(
      request.allHeaders().then(
        (headers) => void add(`request headers ${request.url()}`, JSON.stringify(headers)),
        () => undefined,
      ),
    );
    add(`request body ${request.method()} ${request.url()}`, request.postData() ?? '');
  });
  page.on('response', (response) => {
    bodies.push(
      (async () => {
        add(`response headers ${response.url()}`, JSON.stringify(await response.allHeaders()));
        const method = response.request().method();
        add(`response body ${method} ${response.url()}`, (await response.body()).toString('latin1'));
      })().catch(() => undefined),
    );
  });
  page.on('websocket', (socket) => {
    add('websocket', socket.url());
    socket.on('framesent', ({ payload }) => void add('websocket sent', String(payload)));
    socket.on('framereceived', ({ payload }) => void add('websocket received', String(payload)));
  });
  page.on('console', (message) => void add('console', `${message.text()} ${message.location().url}`));
  page.on('pageerror', (error) => void add('page error', `${error.message} ${error.stack ?? ''}`));
  return {
    seen,
    async settle() {
      await page.waitForLoadState('networkidle');
      await Promise.all(bodies);
      const storage = await page.evaluate(async () => {
        const databases = (await indexedDB.databases?.()) ?? [];
        const caches_ = 'caches' in window ? await caches.keys() : [];
        return JSON.stringify([
          { ...localStorage },
          { ...sessionStorage },
          databases,
          caches_,
          document.cookie,
          location.href,
          history.state,
          document.documentElement.outerHTML,
          [...document.querySelectorAll('input,textarea')].map((field) => (field as HTMLInputElement).value),
          performance.getEntries().map(({ name }) => name),
        ]);
      });
      add('storage and document', storage);
      add('cookies', JSON.stringify(await page.context().cookies()));
    },
  };
}

/** As it is, and as URLs, JSON and base64 would hold it. */
function spell(secret: string): string[] {
  const inner = secret.replace(/^(pipeline|postern)_/, '');
  return [secret, inner, encodeURIComponent(secret), ...[0, 1, 2].map((shift) => toBase64(inner, shift))];
}

/** The part of a base64 text that the secret fixes, wherever in it it begins. */
function toBase64(text: string, shift: number): string {
  return Buffer.from('x'.repeat(shift) + text)
    .toString('base64')
    .slice(shift === 0 ? 0 : shift + 1, -4);
}

export function findLeaks(seen: readonly Seen[], secrets: Record<string, string>): string[] {
  return Object.entries(secrets).flatMap(([what, secret]) => {
    expect(secret.length, `${what} is known to the test`).toBeGreaterThan(20);
    return seen
      .filter(({ text }) => spell(secret).some((spelled) => text.includes(spelled)))
      .map(({ where }) => `${what} in ${where}`);
  });
}

/** Every script and style that the page may load, whether it did or not. */
export async function readAssets(page: Page, seen: Seen[]): Promise<number> {
  const found = new Set<string>();
  const queue = ['/'];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const response = await page.request.get(stack.url + path);
    const text = await response.text();
    seen.push({ where: `file ${path}`, text });
    for (const [, name = ''] of text.matchAll(/["'(/](assets\/[\w.-]+\.(?:js|css|map))/g)) {
      const next = `/${name}`;
      if (!found.has(next)) queue.push(next);
      found.add(next);
    }
    for (const [, name = ''] of text.matchAll(/["'`]\.\/([\w.-]+\.(?:js|css))["'`]/g)) {
      const next = `/assets/${name}`;
      if (!found.has(next)) queue.push(next);
      found.add(next);
    }
  }
  return found.size;
}
