import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../worker/limits.ts';
import { toOrigin } from '../../../worker/usage/origin.ts';

const of = (headers: Record<string, string>) => toOrigin(new Headers(headers));

describe('the origin of a page', () => {
  it.each<[Record<string, string>, string | null]>([
    [{ Origin: 'https://example.org' }, 'example.org'],
    [{ Origin: 'http://localhost:3000' }, 'localhost:3000'],
    [{ Origin: 'https://EXAMPLE.org:443' }, 'example.org'],
    [{ Origin: 'https://bücher.example' }, 'xn--bcher-kva.example'],
    [{ Origin: 'http://[::1]:8080' }, '[::1]:8080'],
    [{ Origin: 'https://user:secret@example.org/path?query' }, 'example.org'],
    // An image: browsers send no Origin with it.
    [{ Referer: 'https://example.org/page?token=secret' }, 'example.org'],
    [{ Origin: 'null', Referer: 'https://example.org/' }, 'example.org'],
    [{ Origin: 'null' }, null],
    [{}, null],
    [{ Origin: '' }, null],
    [{ Origin: 'file://' }, null],
    [{ Origin: 'chrome-extension://abcdefgh' }, null],
    [{ Origin: 'javascript:alert(1)' }, null],
    [{ Origin: '<script>alert(1)</script>' }, null],
    [{ Origin: `https://${'a'.repeat(LIMITS.ORIGIN_CHARACTERS + 1)}` }, null],
    [{ Origin: `https://example.org/${'a'.repeat(16_000)}` }, null],
  ])('%j is %j', (headers, origin) => {
    // A fetch implementation takes Latin-1 in a header, as a hostile client may send it.
    expect(of(headers)).toBe(origin);
  });

  it('is never more than the name of a host', () => {
    const text = fc.oneof(
      fc.string(),
      fc.webUrl(),
      fc.string({ unit: 'binary' }).map((x) => `https://${x}`),
    );
    fc.assert(
      fc.property(text, (value) => {
        let headers: Headers;
        try {
          headers = new Headers({ Origin: value });
        } catch {
          return;
        }
        const origin = toOrigin(headers);
        if (origin !== null) expect(origin).toMatch(/^[a-z0-9_.:[\]-]{1,100}$/);
      }),
      { numRuns: 500 },
    );
  });
});
