// The two local accounts, each made by the first start: the newcomer's own, of the plan trial, and one that holds the
// demos, so that the trial keeps its one free place.
import { ApiFailure, createAccount, createApi } from './client.ts';
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

async function isAlive(origin: string, token: string): Promise<boolean> {
  try {
    await createApi(origin, token).getModel('model_tutorial');
    return true;
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 401) return false;
    throw error;
  }
}
