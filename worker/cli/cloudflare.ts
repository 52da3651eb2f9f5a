// What deploying asks of Cloudflare, all of it through Wrangler, which knows how to sign in: who is signed in, the KV
// namespace, which secrets there are, and the upload of a built Worker.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKept } from './state.ts';

/** Runs Wrangler; see runWrangler. */
export type Wrangler = (
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
  shown?: boolean,
) => Promise<{ readonly code: number; readonly out: string; readonly err: string }>;

/** What is missing, as a sentence that says what to do. */
export class DeployFault extends Error {}

export interface Account {
  readonly id: string;
  readonly name: string;
}

export interface Upload {
  /** Of the Worker. */
  readonly name: string;
  readonly config: string;
  /** A file of secrets to set; those not in it stay. */
  readonly secrets?: string;
  readonly domain?: string | undefined;
}

export interface Cloudflare {
  readonly account: Account;
  /** @returns the id of the namespace of this title, made where there is none. */
  ensureNamespace(title: string): Promise<{ id: string; isNew: boolean }>;
  /** @returns the names; none where there is no such Worker yet. */
  listSecrets(worker: string): Promise<string[]>;
  /** @returns its address. */
  upload(upload: Upload): Promise<string>;
}

/** @throws DeployFault where nobody is signed in, or it is not clear which account is meant. */
export async function openCloudflare(wrangler: Wrangler, wanted: string | undefined): Promise<Cloudflare> {
  const account = await chooseAccount(wrangler, wanted);
  const env = { CLOUDFLARE_ACCOUNT_ID: account.id };
  const ask = async <T>(args: readonly string[]): Promise<T> => {
    const { code, out, err } = await wrangler(args, env);
    if (code !== 0) throw new DeployFault(toFault(args, out + err));
    return JSON.parse(out.slice(Math.max(0, out.search(/[[{]/)))) as T;
  };
  const findNamespace = async (title: string): Promise<string | null> => {
    const namespaces = await ask<{ id: string; title: string }[]>(['kv', 'namespace', 'list']);
    return namespaces.find((each) => each.title === title)?.id ?? null;
  };
  return {
    account,
    async ensureNamespace(title) {
      const found = await findNamespace(title);
      if (found !== null) return { id: found, isNew: false };
      const args = ['kv', 'namespace', 'create', title];
      const { code, out, err } = await wrangler(args, env);
      if (code !== 0) throw new DeployFault(toFault(args, out + err));
      // Its words change from version to version; the list does not.
      const id = await findNamespace(title);
      if (id === null) throw new DeployFault(`Cloudflare made no KV namespace "${title}".`);
      return { id, isNew: true };
    },
    async listSecrets(worker) {
      const args = ['secret', 'list', '--name', worker];
      const { code, out, err } = await wrangler(args, env);
      if (code === 0) return (JSON.parse(out) as { name: string }[]).map(({ name }) => name);
      // As before the first upload.
      if (/Worker "[^"]*" not found/.test(out + err)) return [];
      throw new DeployFault(toFault(args, out + err));
    },
    async upload({ name, config, secrets, domain }) {
      const folder = await mkdtemp(join(tmpdir(), 'postern-deploy-'));
      const said = join(folder, 'said.ndjson');
      const args = ['deploy', '--config', config];
      if (secrets !== undefined) args.push('--secrets-file', secrets);
      if (domain !== undefined) args.push('--domain', domain);
      try {
        const { code, out, err } = await wrangler(args, { ...env, WRANGLER_OUTPUT_FILE_PATH: said }, true);
        if (code !== 0) {
          throw new DeployFault(
            `${out}${err}Wrangler did not deploy ${name}; it says why above. Where a workers.dev subdomain is missing, register one under the link it prints, or give --domain. Then run the same command again: it goes on from here.`,
          );
        }
        const [target] = domain === undefined ? findTargets(await readKept(said)) : [domain];
        if (target === undefined) {
          throw new DeployFault(
            `${name} is deployed and has no address: enable its workers.dev route in the dashboard, or give --domain.`,
          );
        }
        return target.startsWith('http') ? target : `https://${target}`;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

async function chooseAccount(wrangler: Wrangler, wanted: string | undefined): Promise<Account> {
  const { code, out } = await wrangler(['whoami', '--json']);
  const { loggedIn, accounts = [] } = parseWhoami(code, out);
  if (!loggedIn) {
    throw new DeployFault(
      'Wrangler is not signed in to Cloudflare: npx wrangler login. Where there is no browser, set the environment variable CLOUDFLARE_API_TOKEN to a token of the template "Edit Cloudflare Workers".',
    );
  }
  const named = wanted === undefined ? accounts : accounts.filter(({ id }) => id === wanted);
  const [account, other] = named;
  const list = accounts.map(({ id, name }) => `\n  ${id}  ${name}`).join('');
  if (account === undefined) {
    throw new DeployFault(
      `Who is signed in has no Cloudflare account${wanted === undefined ? '' : ` ${wanted}`}. There are:${list || ' none'}`,
    );
  }
  if (other === undefined) return account;
  throw new DeployFault(
    `Who is signed in has several Cloudflare accounts. Say which: CLOUDFLARE_ACCOUNT_ID=… npm run deploy. There are:${list}`,
  );
}

function parseWhoami(code: number, out: string): { loggedIn: boolean; accounts?: readonly Account[] } {
  try {
    return JSON.parse(out.slice(Math.max(0, out.indexOf('{'))));
  } catch {
    if (code !== 0) return { loggedIn: false };
    throw new DeployFault('Wrangler does not say who is signed in: npx wrangler whoami');
  }
}

/** The addresses of the last deployment that Wrangler wrote down. */
function findTargets(said: string): string[] {
  const entries = said
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as { type: string; targets?: string[] });
  return entries.findLast(({ type }) => type === 'deploy')?.targets ?? [];
}

function toFault(args: readonly string[], said: string): string {
  return `wrangler ${args.join(' ')} failed:\n${said.trim()}`;
}
