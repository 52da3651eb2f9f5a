// Random characters and the checksum behind them: what secrets, tokens and ids are made of.

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
export const CHECKSUM_CHARACTERS = 7;
/** The largest multiple of 36 in a byte: bytes from here on are thrown away, or some characters were likelier. */
const UNBIASED = 252;

/** Fills an array with bytes of a CSPRNG, as crypto.getRandomValues does. */
export type Random = (bytes: Uint8Array<ArrayBuffer>) => void;

/** @returns `count` of `[0-9a-z]`, 5.17 bits each. */
export function createCharacters(random: Random, count: number): string {
  let text = '';
  const bytes = new Uint8Array(32);
  while (text.length < count) {
    random(bytes);
    for (const byte of bytes) {
      if (byte < UNBIASED && text.length < count) text += ALPHABET[byte % ALPHABET.length];
    }
  }
  return text;
}

/** CRC-32 in base 36, zero-padded. */
export function toChecksum(text: string): string {
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
