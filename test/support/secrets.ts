// Finds secrets in text, bytes and files, however they are written: as they are, escaped, in base64 or in hex.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Shorter pieces of a secret would be found by chance. */
const PIECE = 16;

export interface SecretFinder {
  /** Names of the secrets that are in there. */
  find(text: string | Uint8Array): string[];
}

/** @param secrets by the name that a test calls them. */
export function createSecretFinder(secrets: Readonly<Record<string, string>>): SecretFinder {
  const needles = Object.entries(secrets).map(([name, secret]) => ({ name, needles: toNeedles(secret) }));
  return {
    find(text) {
      const bytes =
        typeof text === 'string' ? Buffer.from(text) : Buffer.from(text.buffer, text.byteOffset, text.length);
      const lower = Buffer.from(bytes.toString('latin1').toLowerCase(), 'latin1');
      return needles.flatMap(({ name, needles }) =>
        needles.some((needle) => bytes.includes(needle) || lower.includes(needle)) ? [name] : [],
      );
    },
  };
}

/** The first and the last characters of what is random in it: a log line may have cut it. */
function toNeedles(secret: string): Buffer[] {
  const random = secret.startsWith('postern_') ? secret.slice(24) : secret.replace(/^pipeline_/, '');
  return [random.slice(0, PIECE), random.slice(-PIECE)].flatMap((piece) => [
    Buffer.from(piece),
    Buffer.from(piece, 'utf16le'),
    Buffer.from(Buffer.from(piece).toString('hex')),
    Buffer.from([...piece].map((character) => `%${character.charCodeAt(0).toString(16)}`).join('')),
    Buffer.from([...piece].map((character) => `\\u00${character.charCodeAt(0).toString(16)}`).join('')),
    ...toBase64(piece),
  ]);
}

/** A piece of a longer text: it begins at any of three places, and its edges share characters with what is beside it. */
function toBase64(piece: string): Buffer[] {
  return [0, 1, 2].map((offset) => {
    const whole = Buffer.from('x'.repeat(offset) + piece).toString('base64');
    const end = Math.floor(((offset + piece.length) * 8) / 6);
    return Buffer.from(whole.slice(Math.ceil((offset * 8) / 6), end));
  });
}

/** Every file below a folder. */
export function readAll(folder: string): { path: string; bytes: Uint8Array }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { path: path.slice(folder.length + 1), bytes: new Uint8Array(readFileSync(path)) };
    });
}
