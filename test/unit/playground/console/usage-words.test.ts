import { describe, expect, it } from 'vitest';
import { toLeakTitle } from '../../../../playground/src/console/leak-words.ts';
import { toBars, toEnds, toLimitWords } from '../../../../playground/src/console/usage/usage-words.ts';
import type { PageCalls, Usage } from '../../../../worker/contract.ts';

const AT = '2026-11-24T13:00:00.000Z';
const from = (...origins: (string | null)[]): PageCalls => ({
  calls: origins.length,
  last_at: AT,
  origins: origins.map((origin) => ({ origin, calls: 1, first_at: AT, last_at: AT })),
});
const usage = (more: Partial<Usage>): Usage => ({
  model_id: 'model_x',
  hours: [],
  codes: {},
  cap: { daily_cap: 10, on_cap: 'refuse', used: 0, left: 10, resets_at: AT },
  page_calls: from(),
  ...more,
});

describe('a leak', () => {
  it.each<[(string | null)[], string]>([
    [['example.org'], 'Its URL was called from a page on example.org'],
    [['example.org', 'b.example'], 'Its URL was called from a page on example.org and from 1 other place'],
    [[null, 'example.org', 'b.example'], 'Its URL was called from a page on example.org and from 2 other places'],
    [[null], 'Its URL was called from a web page'],
  ])('from %j', (origins, title) => {
    expect(toLeakTitle(from(...origins))).toBe(title);
  });
});

describe('usage', () => {
  it('is a bar an hour, by what became of the calls', () => {
    const statuses = { 200: 5, 206: 1, 400: 2, 403: 3, 429: 7, 502: 1, 503: 4 };
    const hours = [
      { at: AT, calls: 23, predictions: 6, statuses },
      { at: AT, calls: 0, predictions: 0, statuses: {} },
    ];
    expect(toBars(usage({ hours }))).toMatchObject([
      { answered: 6, wrong: 5, limited: 7, failed: 5 },
      { answered: 0, wrong: 0, limited: 0, failed: 0 },
    ]);
  });

  it('says how calls ended, the most frequent first, also by codes that it does not know', () => {
    const ends = toEnds(usage({ codes: { ok: 2, a_new_code: 9, daily_limit: 5 } }));
    expect(ends.map(({ text, calls }) => [text, calls])).toEqual([
      ['a new code', 9],
      ['Past the daily cap', 5],
      ['Answered', 2],
    ]);
  });

  it('explains 429 where there was one', () => {
    expect(toLimitWords(usage({ codes: { ok: 1 } }))).toEqual([]);
    const words = toLimitWords(usage({ codes: { rate_limited: 1, daily_limit: 1 } }));
    expect(words).toHaveLength(2);
    expect(words[1]).toMatch(/00:00 UTC/);
    const paused = usage({ codes: { daily_limit: 1 }, cap: { ...usage({}).cap, on_cap: 'pause' } });
    expect(toLimitWords(paused)).toEqual([expect.stringMatching(/switched off/)]);
  });
});
