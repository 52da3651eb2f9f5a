// The secret DEMOS is read strictly, and said to be wrong without its values.
import { describe, expect, it } from 'vitest';
import { parseDemos } from '../../../../playground/server/demos.ts';

const SECRET = `pipeline_${'a1'.repeat(16)}`;
const URL_ = `https://postern.example/api/${SECRET}`;

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
    [JSON.stringify([{ slug: 'a', url: SECRET }]), 'entry 1 has no prediction URL'],
    [JSON.stringify([{ slug: 'a', url: `${URL_}?x=1` }]), 'entry 1 has no prediction URL'],
    [JSON.stringify([{ slug: 'a', url: `${URL_}/../../v1` }]), 'entry 1 has no prediction URL'],
    [JSON.stringify([{ slug: 'a', url: `file:///api/${SECRET}` }]), 'entry 1 has no prediction URL'],
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
