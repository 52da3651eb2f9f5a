// The secret in a pipeline's URL: `pipeline_` + 25 random characters (129 bits) + 7 of checksum. The checksum lets
// a mistyped or guessed secret be refused without a look into storage, which knows only its SHA-256.
import { CHECKSUM_CHARACTERS, createCharacters, type Random, toChecksum } from './characters.ts';

const PREFIX = 'pipeline_';
const RANDOM_CHARACTERS = 25;
const PATTERN = new RegExp(`^${PREFIX}([0-9a-z]{${RANDOM_CHARACTERS}})([0-9a-z]{${CHECKSUM_CHARACTERS}})$`);

export function createSecret(random: Random): string {
  const text = createCharacters(random, RANDOM_CHARACTERS);
  return PREFIX + text + toChecksum(text);
}

/** Whether `text` has the form of a secret and the right checksum; says nothing of whether it was ever issued. */
export function isSecret(text: string): boolean {
  const match = PATTERN.exec(text);
  return match?.[1] !== undefined && toChecksum(match[1]) === match[2];
}

/** @returns SHA-256 in lower-case hex: what storage is keyed by. */
export async function toDigest(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  return toHex(await crypto.subtle.digest('SHA-256', bytes));
}

/** Lower case. */
export function toHex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
