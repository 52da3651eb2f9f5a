// The two accounts of a Postern that the command line has made: the owner's own, and one that holds the demos, so that they
// take no places of it. Locally the first is of the plan trial; on your own Cloudflare account nothing keeps you to that.
import { ApiFailure, createAccount, createApi } from './client.ts';
import type { DeploymentState } from './deployment-state.ts';
import { findAccountToken, keepAccountToken, type LocalAccount } from './state.ts';

const NEW = {
  account: { name: 'Local', plan: 'trial' },
  demos: { name: 'Demos', plan: 'standard' },
} as const;

/** @returns the account's token. @throws ApiFailure */
export async function ensureAccount(origin: string, account: LocalAccount, adminToken: string): Promise<string> {
  const { name, plan } = NEW[account];
  const kept = await findAccountToken(account);
  if (kept !== null && (await isAlive(origin, kept))) return kept;
  if (kept !== null) console.log(`The token of the account "${name}" is dead (it was rotated): a new account is made.`);
  const token = await createAccount(origin, adminToken, name, plan);
  await keepAccountToken(token, account);
  return token;
}

const OWN = { account: 'Owner', demos: 'Demos' } as const;
/** A new secret is known everywhere after some seconds. */
const ADMIN_TRIES = 10;
const ADMIN_RETRY_MS = 3000;

/**
 * The account on a deployment, made where none is known and the admin token is.
 * @returns its token, or null where neither is known here.
 * @throws ApiFailure
 */
export async function ensureDeployed(
  origin: string,
  account: LocalAccount,
  state: DeploymentState,
  say: (sentence: string) => void,
): Promise<string | null> {
  const kept = await state.findToken(account);
  if (kept !== null && (await isAlive(origin, kept))) return kept;
  const adminToken = await state.findSecret('ADMIN_TOKEN');
  if (kept !== null || adminToken === null) {
    say(
      kept === null
        ? `The admin token is not in ${state.folder}, so no account is made. Bring the folder of the first run here, or set a new one: npm run deploy -- --new-secrets`
        : `The token of the account "${OWN[account]}" in ${state.folder} is dead: it was rotated elsewhere. Put the new one there.`,
    );
    return null;
  }
  const token = await tryCreate(origin, adminToken, OWN[account]);
  await state.keepToken(account, token);
  say(`The account "${OWN[account]}" is made; its token is kept in ${state.folder}.`);
  return token;
}

async function tryCreate(origin: string, adminToken: string, name: string): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await createAccount(origin, adminToken, name, 'standard');
    } catch (error) {
      if (!(error instanceof ApiFailure && error.status === 401) || tries === ADMIN_TRIES) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, ADMIN_RETRY_MS));
  }
}

async function isAlive(origin: string, token: string): Promise<boolean> {
  try {
    await createApi(origin, token).getModel('model_tutorial');
    return true;
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 401) return false;
    throw error;
  }
}
