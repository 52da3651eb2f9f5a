import { expect, it } from 'vitest';
import { createSecret, isSecret, toDigest } from '../../../worker/registry/secret.ts';

const random = (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes);

it('has the documented form, and passes its own check', () => {
  for (let i = 0; i < 200; i += 1) {
    const secret = createSecret(random);
    expect(secret).toMatch(/^pipeline_[0-9a-z]{32}$/);
    expect(isSecret(secret)).toBe(true);
  }
});

it('has a checksum that is CRC-32 in base 36', () => {
  // CRC-32 of 25 times "0", as zlib computes it.
  const secret = createSecret((bytes) => bytes.fill(0));
  expect(secret).toBe(`pipeline_${'0'.repeat(25)}${(0xb5c85ab6).toString(36).padStart(7, '0')}`);
});

it('notices any single changed character', () => {
  const secret = createSecret(random);
  for (let i = 'pipeline_'.length; i < secret.length; i += 1) {
    const other = secret[i] === 'a' ? 'b' : 'a';
    expect(isSecret(secret.slice(0, i) + other + secret.slice(i + 1))).toBe(false);
  }
  for (const text of ['', 'pipeline_', secret.toUpperCase(), `${secret} `, secret.slice(1), `${secret}0`]) {
    expect(isSecret(text)).toBe(false);
  }
});

it('uses every character equally often', () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 4000; i += 1) {
    for (const character of createSecret(random).slice(9, 34)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  // 100,000 draws over 36 characters: 2,778 each; six standard deviations are 312.
  expect(counts.size).toBe(36);
  for (const count of counts.values()) expect(Math.abs(count - 100_000 / 36)).toBeLessThan(312);
});

it('digests as SHA-256', async () => {
  expect(await toDigest('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
