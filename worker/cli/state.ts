// What the command line keeps between starts, readable by you alone: the admin token of the local Postern, made on
// first start, the tokens of the local account and of that of the demos, and the secrets of the playground.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findAccountId } from '../registry/token.ts';
import type { Imported } from './demos.ts';
import { toEnvFile } from './env-file.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Where Wrangler keeps KV and the account objects as well. */
export const STATE = resolve(process.env.POSTERN_STATE || join(ROOT, '.wrangler/state'));
export const PORT = Number(process.env.API_PORT || 8787);
/** Given to Wrangler as a file: what stands in a command line can be read by every process. */
export const ADMIN_FILE = join(STATE, 'admin.env');
/** Given to Wrangler as well: the secrets of the playground's Worker. */
export const PLAYGROUND_FILE = join(STATE, 'playground.env');
export const PLAYGROUND_PORT = Number(process.env.PLAYGROUND_PORT || 5173);
/** The newcomer's own account, and the one that holds the demos. */
export type LocalAccount = 'account' | 'demos';
const tokenFile = (account: LocalAccount): string => join(STATE, `${account}-token`);
const SESSION_FILE = join(STATE, 'session-key');
const DEMOS_FILE = join(STATE, 'demos.json');

/** @returns the local admin token, or null before the first start. */
export async function findAdminToken(): Promise<string | null> {
  return /^ADMIN_TOKEN=(\S+)$/m.exec(await readKept(ADMIN_FILE))?.[1] ?? null;
}

/** Makes the admin token where there is none. */
export async function ensureAdminToken(): Promise<string> {
  const kept = await findAdminToken();
  if (kept !== null) return kept;
  const token = randomBytes(32).toString('hex');
  await keep(ADMIN_FILE, `ADMIN_TOKEN=${token}\n`);
  return token;
}

/** @returns the token of a local account, or null before the first start. */
export async function findAccountToken(account: LocalAccount = 'account'): Promise<string | null> {
  const token = (await readKept(tokenFile(account))).trim();
  return findAccountId(token) === null ? null : token;
}

export function keepAccountToken(token: string, account: LocalAccount = 'account'): Promise<void> {
  return keep(tokenFile(account), `${token}\n`);
}

/** What encrypts the console's cookie; the same at each start, so that nobody is signed out by one. */
export async function ensureSessionKey(): Promise<string> {
  const kept = (await readKept(SESSION_FILE)).trim();
  if (kept !== '') return kept;
  const key = randomBytes(32).toString('base64url');
  await keep(SESSION_FILE, `${key}\n`);
  return key;
}

/** @returns which demos were imported, as far as that is known. */
export async function readImported(): Promise<Imported> {
  try {
    return JSON.parse(await readKept(DEMOS_FILE)) as Imported;
  } catch {
    return {};
  }
}

export function keepImported(imported: Imported): Promise<void> {
  return keep(DEMOS_FILE, `${JSON.stringify(imported)}\n`);
}

export function keepPlaygroundSecrets(secrets: Readonly<Record<string, string>>): Promise<void> {
  return keep(PLAYGROUND_FILE, toEnvFile(secrets));
}

/** @returns '' where nothing was kept. */
export function readKept(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

/** Whole or not at all, readable by you alone. */
export async function keep(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
