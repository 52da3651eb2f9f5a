// The page as the built playground serves it: its policy, and its files.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Playground, startPlayground } from '../support/playground.ts';

let playground: Playground;
beforeAll(async () => {
  playground = await startPlayground({ DEMOS: '[]' }, () => Promise.reject(new Error('not asked')));
});
afterAll(() => playground?.dispose());

describe('the page', () => {
  it('comes with a strict policy, and a nonce of its own each time', async () => {
    const nonces = new Set<string>();
    for (const path of ['/', '/try/churn', '/console/models/x']) {
      const response = await fetch(playground.origin + path);
      expect(response.status).toBe(200);
      const html = await response.text();
      const nonce = /csp-nonce" content="([^"]+)"/.exec(html)?.[1] ?? '';
      const policy = response.headers.get('Content-Security-Policy') ?? '';
      expect(policy).toContain(`style-src 'self' 'nonce-${nonce}'`);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).not.toContain('unsafe');
      expect(html).not.toMatch(/<script(?![^>]* src=)/);
      expect(response.headers.get('X-Frame-Options')).toBe('DENY');
      expect(response.headers.get('Referrer-Policy')).toBe('no-referrer');
      expect(response.headers.get('Cache-Control')).toBe('no-store');
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(3);
  });

  it('has files that may be kept for ever', async () => {
    const [, script = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(await (await fetch(playground.origin)).text()) ?? [];
    const response = await fetch(playground.origin + script);
    expect(response.headers.get('Content-Type')).toMatch(/javascript/);
    expect(response.headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
  });
});
