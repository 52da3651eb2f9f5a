// What is kept of a deployment on Cloudflare between runs, a folder per Cloudflare account, readable by you alone: the
// secrets that were made for it, the token of your account on it, and what was asked for. Cloudflare shows no secret again.
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Imported } from './demos.ts';
import { keep, ROOT, readKept } from './state.ts';

/** Secrets by their names on Cloudflare. */
export type SecretName = 'ADMIN_TOKEN' | 'SESSION_KEY';

export interface DeploymentSettings {
  /** Custom domains, in place of workers.dev. */
  readonly domain?: string;
  readonly playgroundDomain?: string;
  /** Whether the demos of playground/demos were asked for. */
  readonly demos?: boolean;
}

export interface DeploymentState {
  readonly folder: string;
  findSecret(name: SecretName): Promise<string | null>;
  /** Kept before it is used: a run that ends in between must not leave a secret that nobody knows. */
  createSecret(name: SecretName): Promise<string>;
  findToken(account: 'account' | 'demos'): Promise<string | null>;
  keepToken(account: 'account' | 'demos', token: string): Promise<void>;
  readSettings(): Promise<DeploymentSettings>;
  keepSettings(settings: DeploymentSettings): Promise<void>;
  readImported(): Promise<Imported>;
  keepImported(imported: Imported): Promise<void>;
  /** Secrets for Wrangler as a file, which `remove` takes away again. */
  writeSecrets(
    worker: string,
    secrets: Readonly<Record<string, string>>,
  ): Promise<{ path: string; remove: () => Promise<void> }>;
}

const FILES: Record<SecretName, string> = { ADMIN_TOKEN: 'admin-token', SESSION_KEY: 'session-key' };

/** @param accountId of Cloudflare: 32 hexadecimal digits. */
export function openDeploymentState(accountId: string): DeploymentState {
  const folder = join(resolve(process.env.POSTERN_DEPLOYMENT || join(ROOT, '.wrangler/deployment')), accountId);
  const find = async (file: string): Promise<string | null> => (await readKept(join(folder, file))).trim() || null;
  const put = (file: string, text: string): Promise<void> => keep(join(folder, file), `${text}\n`);
  const findJson = async <T extends object>(file: string): Promise<T> => JSON.parse((await find(file)) ?? '{}') as T;
  return {
    folder,
    findSecret: (name) => find(FILES[name]),
    async createSecret(name) {
      // 256 bits; in base64url, the form that the session key must have.
      const secret = randomBytes(32).toString('base64url');
      await put(FILES[name], secret);
      return secret;
    },
    findToken: (account) => find(`${account}-token`),
    keepToken: (account, token) => put(`${account}-token`, token),
    readSettings: () => findJson<DeploymentSettings>('settings.json'),
    keepSettings: (settings) => put('settings.json', JSON.stringify(settings)),
    readImported: () => findJson<Imported>('demos.json'),
    keepImported: (imported) => put('demos.json', JSON.stringify(imported)),
    async writeSecrets(worker, secrets) {
      const file = `${worker}.secrets.json`;
      await put(file, JSON.stringify(secrets));
      const path = join(folder, file);
      return { path, remove: () => rm(path, { force: true }) };
    },
  };
}
