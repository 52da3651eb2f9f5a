import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LIMITS } from '../../../worker/limits.ts';

it('the limiter that is bound counts what the limits say', () => {
  const config = readFileSync(join(import.meta.dirname, '../../../wrangler.toml'), 'utf8');
  const [, limit, period] = /name = "RATE_LIMITER"[^[]*simple = \{ limit = (\d+), period = (\d+) \}/.exec(config) ?? [];
  expect(Number(limit) * LIMITS.RATE_CALLS_PER_ASK).toBe(LIMITS.RATE_CALLS);
  expect(Number(period)).toBe(LIMITS.RATE_PERIOD_SECONDS);
});

it('the work after an answer ends before the platform ends it', () => {
  const { USAGE_INTERVAL_MS, USAGE_SEND_MS, USAGE_RETRY_MS } = LIMITS;
  expect(USAGE_INTERVAL_MS + 2 * USAGE_SEND_MS + USAGE_RETRY_MS).toBeLessThan(30_000);
});
