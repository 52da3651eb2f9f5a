// Which headers a browser sends with what its page asks, and what follows from them.
import { describe, expect, it } from 'vitest';
import { isCrossSite, isOwnPage } from '../../../../playground/server/guard.ts';

describe('who asks', () => {
  const own = 'http://localhost:5173';
  it.each<[Record<string, string>, boolean, boolean]>([
    [{}, false, false],
    [{ 'Sec-Fetch-Site': 'same-origin' }, false, true],
    [{ 'Sec-Fetch-Site': 'same-origin', Origin: own }, false, true],
    [{ 'Sec-Fetch-Site': 'none' }, false, false],
    [{ 'Sec-Fetch-Site': 'same-site' }, true, false],
    [{ 'Sec-Fetch-Site': 'cross-site' }, true, false],
    [{ Origin: own }, false, true],
    [{ Origin: 'http://localhost:5174' }, true, false],
    [{ Origin: 'null' }, true, false],
    [{ Origin: `${own}.example.com` }, true, false],
  ])('%j', (headers, crossSite, ownPage) => {
    expect(isCrossSite(new Headers(headers), own)).toBe(crossSite);
    expect(isOwnPage(new Headers(headers), own)).toBe(ownPage);
  });
});
