// The numbers of limits.ts and those that the platform is given are the same.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { LIMITS } from '../../../../playground/server/limits.ts';

const toml = readFileSync(fileURLToPath(new URL('../../../../playground/wrangler.toml', import.meta.url)), 'utf8');

it.each(['PREDICTIONS', 'SIGN_INS', 'MANAGEMENT'] as const)('%s', (name) => {
  const [, rate] = new RegExp(`name = "${name}"\\n.*\\nsimple = { limit = (\\d+), period = 60 }`).exec(toml) ?? [];
  expect(Number(rate)).toBe(LIMITS[`${name}_PER_MINUTE`]);
});
