// The secret in a pipeline's URL: `pipeline_` + 25 random characters (129 bits) + 7 of checksum. The checksum lets
// a mistyped or guessed secret be refused without a look into storage, which knows only its SHA-256.

const PREFIX = 'pipeline_';
const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
const RANDOM_CHARACTERS = 25;
const CHECKSUM_CHARACTERS = 7;
const PATTERN = new RegExp(`^${PREFIX}([0-9a-z]{${RANDOM_CHARACTERS}})([0-9a-z]{${CHECKSUM_CHARACTERS}})$`);
/** The largest multiple of 36 in a byte: bytes from here on are thrown away, or some characters were likelier. */
const UNBIASED = 252;

/** @param random fills an array with bytes of a CSPRNG, as crypto.getRandomValues does. */
export function createSecret(random: (bytes: Uint8Array<ArrayBuffer>) => void): string {
  let text = '';
  const bytes = new Uint8Array(32);
  while (text.length < RANDOM_CHARACTERS) {
    random(bytes);
    for (const byte of bytes) {
      if (byte < UNBIASED && text.length < RANDOM_CHARACTERS) text += ALPHABET[byte % ALPHABET.length];
    }
  }
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
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function toChecksum(text: string): string {
  return crc32(text).toString(36).padStart(CHECKSUM_CHARACTERS, '0');
}

/** CRC-32 of ASCII text (IEEE 802.3, reflected, as in zip and PNG). */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let i = 0; i < text.length; i += 1) {
    crc ^= text.charCodeAt(i);
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
