// The parts of the playground's server that need no server.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDemos } from '../../../../playground/server/demos.ts';
import { isCrossSite, isOwnPage } from '../../../../playground/server/guard.ts';
import { maskAnswer, maskText } from '../../../../playground/server/mask.ts';
import { openSession, sealSession } from '../../../../playground/server/session.ts';

const SECRET = `pipeline_${'a1'.repeat(16)}`;
const URL_ = `https://postern.example/api/${SECRET}`;

describe('masking', () => {
  it('takes the secret, keeps the rest', () => {
    expect(maskText(`GET ${URL_}/schema?x=1 and ${SECRET}`)).toBe(
      'GET https://postern.example/api/pipeline_••••••••/schema?x=1 and pipeline_••••••••',
    );
    expect(maskText('/api/pipeline_short')).toBe('/api/pipeline_short');
  });

  it('names the masked URL so, and drops tokens', () => {
    expect(
      maskAnswer({
        models: [{ pipeline: { status: 'active', url: URL_, version: 1 }, token: 'postern_x' }],
        next: null,
      }),
    ).toEqual({
      models: [
        { pipeline: { status: 'active', masked_url: 'https://postern.example/api/pipeline_••••••••', version: 1 } },
      ],
      next: null,
    });
    expect(maskAnswer({ url: 'https://example.com/' })).toEqual({ url: 'https://example.com/' });
  });

  it('leaves no secret wherever it stands, and changes nothing else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, text) => {
        const dirty = JSON.parse(JSON.stringify({ value, deep: [{ [`x${text}`]: `${text}${SECRET}${text}` }] }));
        expect(JSON.stringify(maskAnswer(dirty))).not.toContain(SECRET);
        const clean = JSON.parse(JSON.stringify(value).replaceAll('"token"', '"taken"'));
        expect(maskAnswer(clean)).toEqual(clean);
      }),
    );
  });
});

describe('the demos', () => {
  it('are read in their order', () => {
    expect(
      parseDemos(
        JSON.stringify([
          { slug: 'b', url: URL_, title: 'B' },
          { slug: 'a', url: URL_, question: 'A?' },
        ]),
      ),
    ).toEqual([
      { slug: 'b', url: URL_, title: 'B' },
      { slug: 'a', url: URL_, question: 'A?' },
    ]);
    expect(parseDemos(undefined)).toEqual([]);
  });

  it.each([
    ['{', 'not valid JSON'],
    ['{}', 'not a list'],
    ['[{}]', 'entry 1 has no slug'],
    [JSON.stringify([{ slug: '../x', url: URL_ }]), 'entry 1 has no slug'],
    [JSON.stringify([{ slug: 'a', url: SECRET }]), 'entry 1 has no url'],
    [
      JSON.stringify([
        { slug: 'a', url: URL_ },
        { slug: 'a', url: URL_ },
      ]),
      'entry 2 has the slug of another',
    ],
    ['[null]', 'entry 1 has no slug'],
  ])('%s cannot be used, and no value is repeated', (text, why) => {
    expect(() => parseDemos(text)).toThrow(why);
    try {
      parseDemos(text);
    } catch (error) {
      expect(String(error)).not.toContain(SECRET);
    }
  });
});

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

describe('a session', () => {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const token = `postern_${'a'.repeat(48)}`;

  it('opens with its key alone, unchanged, until it ends', async () => {
    const sealed = await sealSession(token, key, Date.now());
    expect(sealed).not.toContain(token.slice(8));
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain(token.slice(8));
    expect(await openSession(sealed, key)).toBe(token);
    expect(await openSession(sealed, crypto.getRandomValues(new Uint8Array(32)))).toBeNull();
    const at = Math.floor(sealed.length / 2);
    expect(
      await openSession(sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1), key),
    ).toBeNull();
    expect(await openSession(await sealSession(token, key, Date.now() - 9 * 3600 * 1000), key)).toBeNull();
    expect(await openSession('', key)).toBeNull();
  });

  it('is different each time', async () => {
    const now = Date.now();
    expect(await sealSession(token, key, now)).not.toBe(await sealSession(token, key, now));
  });
});
