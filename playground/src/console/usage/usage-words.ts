// Usage in plain words and in the kinds that the chart shows. Pure.
import type { Usage } from '../../../../worker/contract.ts';

export const KINDS = ['answered', 'wrong', 'limited', 'failed'] as const;
export type Kind = (typeof KINDS)[number];

export const KIND_WORDS: Record<Kind, string> = {
  answered: 'answered (200)',
  wrong: 'refused (4xx)',
  limited: 'over a limit (429)',
  failed: 'failed (5xx)',
};

export type Bar = { readonly at: string; readonly name: string } & Readonly<Record<Kind, number>>;

function toKind(status: string): Kind {
  if (status === '429') return 'limited';
  if (status.startsWith('2')) return 'answered';
  return status.startsWith('5') ? 'failed' : 'wrong';
}

/** One bar an hour, by the clock of whoever looks. */
export function toBars({ hours }: Usage): Bar[] {
  const clock = new Intl.DateTimeFormat('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit' });
  return hours.map(({ at, statuses }) => {
    const sums: Record<Kind, number> = { answered: 0, wrong: 0, limited: 0, failed: 0 };
    for (const [status, calls] of Object.entries(statuses)) sums[toKind(status)] += calls;
    return { at, name: clock.format(new Date(at)), ...sums };
  });
}

/** What the codes mean to an owner; of others the code says it. */
const CODES: Record<string, string> = {
  ok: 'Answered',
  missing_features: 'No input, or features missing',
  unknown_feature: 'A feature the model does not have',
  invalid_value: 'A value that cannot be',
  malformed_body: 'A body that cannot be read',
  browser_call: 'From a web page, which may not call',
  pipeline_inactive: 'While the API was off',
  rate_limited: 'Too many calls at once',
  daily_limit: 'Past the daily cap',
  prediction_failed: 'The model rejected the input',
  model_output_invalid: 'The model answered no numbers',
  model_unavailable: 'Model or storage did not answer',
  overloaded: 'Too much at the same time',
  internal: 'An error on our side',
};

/** How the calls ended, the most frequent first. */
export function toEnds({ codes }: Usage): { code: string; text: string; calls: number }[] {
  return Object.entries(codes)
    .map(([code, calls]) => ({ code, text: CODES[code] ?? code.replaceAll('_', ' '), calls }))
    .sort((a, b) => b.calls - a.calls);
}

/** Why callers got 429, and what to do, or null where none did. */
export function toLimitWords({ codes, cap }: Usage): string[] {
  const rate =
    'Some calls came too fast: a URL answers 50,000 calls in ten seconds. Callers were told with 429 and Retry-After when to come again. Many rows in one call (a JSON array, CSV, NDJSON) are one call.';
  const daily =
    cap.on_cap === 'pause'
      ? 'Calls past the daily cap were refused with 429, and the API was switched off as you wished.'
      : 'Calls past the daily cap were refused with 429 and Retry-After. It answers again at 00:00 UTC; a higher cap ends it at once.';
  return [...((codes.rate_limited ?? 0) > 0 ? [rate] : []), ...((codes.daily_limit ?? 0) > 0 ? [daily] : [])];
}
