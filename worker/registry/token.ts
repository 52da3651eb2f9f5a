// Account tokens: `postern_` + 16 characters that name the account + 25 random ones (129 bits) + 7 of checksum. A token
// says itself which object to ask, so no index of tokens exists that could be stale; the object keeps its SHA-256.
import { CHECKSUM_CHARACTERS, createCharacters, type Random, toChecksum } from './characters.ts';

const PREFIX = 'postern_';
const ACCOUNT_PREFIX = 'account_';
/** 82 bits: two accounts never meet, and the object refuses to be created twice. */
const ID_CHARACTERS = 16;
const RANDOM_CHARACTERS = 25;
const BODY = `([0-9a-z]{${ID_CHARACTERS}})[0-9a-z]{${RANDOM_CHARACTERS}}`;
const PATTERN = new RegExp(`^${PREFIX}(${BODY})([0-9a-z]{${CHECKSUM_CHARACTERS}})$`);
const ACCOUNT_PATTERN = new RegExp(`^${ACCOUNT_PREFIX}([0-9a-z]{${ID_CHARACTERS}})$`);

export function createAccountId(random: Random): string {
  return ACCOUNT_PREFIX + createCharacters(random, ID_CHARACTERS);
}

/** 103 bits, so that an id can be made without looking for one like it. */
export function createModelId(random: Random): string {
  return `model_${createCharacters(random, 20)}`;
}

/** @param accountId made by createAccountId. */
export function createToken(accountId: string, random: Random): string {
  const id = ACCOUNT_PATTERN.exec(accountId)?.[1];
  if (id === undefined) throw new TypeError('This is not the id of an account.');
  const body = id + createCharacters(random, RANDOM_CHARACTERS);
  return PREFIX + body + toChecksum(body);
}

/** @returns the id of the account that the token belongs to, or null where its form or checksum is wrong. */
export function findAccountId(token: string): string | null {
  const [, body, id, checksum] = PATTERN.exec(token) ?? [];
  return body !== undefined && toChecksum(body) === checksum ? `${ACCOUNT_PREFIX}${id}` : null;
}

export function isAccountId(text: string): boolean {
  return ACCOUNT_PATTERN.test(text);
}

/** Compares two digests in a time that does not tell where they differ. */
export function isSameDigest(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
