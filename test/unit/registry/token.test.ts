import { expect, it } from 'vitest';
import { createSecret } from '../../../worker/registry/secret.ts';
import {
  createAccountId,
  createModelId,
  createToken,
  findAccountId,
  isAccountId,
  isSameDigest,
} from '../../../worker/registry/token.ts';

const random = (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes);

it('names its account, and no other', () => {
  for (let i = 0; i < 200; i += 1) {
    const id = createAccountId(random);
    expect(id).toMatch(/^account_[0-9a-z]{16}$/);
    expect(isAccountId(id)).toBe(true);
    const token = createToken(id, random);
    expect(token).toMatch(/^postern_[0-9a-z]{48}$/);
    expect(findAccountId(token)).toBe(id);
    expect(createToken(id, random)).not.toBe(token);
  }
});

it('is refused where any one character is another', () => {
  const token = createToken(createAccountId(random), random);
  for (let i = 0; i < token.length; i += 1) {
    const other = token[i] === 'a' ? 'b' : 'a';
    expect(findAccountId(token.slice(0, i) + other + token.slice(i + 1))).toBe(null);
  }
  for (const text of [
    '',
    'postern_',
    `${token} `,
    ` ${token}`,
    `${token}\n`,
    token.toUpperCase(),
    createSecret(random),
  ]) {
    expect(findAccountId(text)).toBe(null);
  }
});

it('is made for accounts only', () => {
  for (const id of [
    '',
    'account_',
    'model_0123456789abcdef',
    'account_0123456789ABCDEF',
    'account_0123456789abcdef0',
  ]) {
    expect(() => createToken(id, random)).toThrow(TypeError);
    expect(isAccountId(id)).toBe(false);
  }
  expect(createModelId(random)).toMatch(/^model_[0-9a-z]{20}$/);
});

it('compares digests by value', () => {
  const digest = 'a'.repeat(64);
  expect(isSameDigest(digest, 'a'.repeat(64))).toBe(true);
  for (const other of ['', 'a'.repeat(63), `${'a'.repeat(63)}b`, `b${'a'.repeat(63)}`]) {
    expect(isSameDigest(digest, other)).toBe(false);
  }
});
