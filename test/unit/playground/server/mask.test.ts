// Nothing that goes to the page holds a secret.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskAnswer, maskText } from '../../../../playground/server/mask.ts';

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
        const dirty = JSON.parse(
          JSON.stringify({ value, deep: [{ [`x${text}${SECRET}`]: `${text}${SECRET}${text}` }] }),
        );
        expect(JSON.stringify(maskAnswer(dirty))).not.toContain(SECRET);
        const clean = JSON.parse(JSON.stringify(value).replaceAll('"token"', '"taken"'));
        expect(maskAnswer(clean)).toEqual(clean);
      }),
    );
  });
});
