// What the command line keeps between starts, readable by you alone: the admin token of the local Postern, made on
// first start, and the token of the local account.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findAccountId } from '../registry/token.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Where Wrangler keeps KV and the account objects as well. */
export const STATE = process.env.POSTERN_STATE || join(ROOT, '.wrangler/state');
export const PORT = Number(process.env.API_PORT ?? 8787);
/** Given to Wrangler as a file: what stands in a command line can be read by every process. */
export const ADMIN_FILE = join(STATE, 'admin.env');
const TOKEN_FILE = join(STATE, 'account-token');

/** @returns the local admin token, or null before the first start. */
export async function findAdminToken(): Promise<string | null> {
  return /^ADMIN_TOKEN=(\S+)$/m.exec(await read(ADMIN_FILE))?.[1] ?? null;
}

/** Makes the admin token where there is none. */
export async function ensureAdminToken(): Promise<string> {
  const kept = await findAdminToken();
  if (kept !== null) return kept;
  const token = randomBytes(32).toString('hex');
  await write(ADMIN_FILE, `ADMIN_TOKEN=${token}\n`);
  return token;
}

/** @returns the token of the local account, or null before the first start. */
export async function findAccountToken(): Promise<string | null> {
  const token = (await read(TOKEN_FILE)).trim();
  return findAccountId(token) === null ? null : token;
}

export function keepAccountToken(token: string): Promise<void> {
  return write(TOKEN_FILE, `${token}\n`);
}

function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

/** Whole or not at all. */
async function write(path: string, text: string): Promise<void> {
  await mkdir(STATE, { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
