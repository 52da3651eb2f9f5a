// The Worker's way to the account objects: a token names its object, so none is asked for a token of the wrong form.
import type { AccountApi } from './account-api.ts';
import type { Ask } from './reader.ts';
import { toDigest } from './secret.ts';
import { findAccountId, isAccountId } from './token.ts';

export interface Accounts {
  /** @returns the account that the token names, and the hash that opens it, or null where it is no token at all. */
  find(token: string): Promise<{ accountId: string; tokenHash: string; api: AccountApi } | null>;
  /** @param accountId made by createAccountId. */
  get(accountId: string): AccountApi;
  readonly ask: Ask;
}

/** What is used of a Durable Object namespace. */
export interface AccountNamespace {
  getByName(name: string): unknown;
}

export function createAccounts(namespace: AccountNamespace): Accounts {
  // The stub's own type is the same methods behind Rpc's generics, which cannot follow recursive JSON.
  const get = (accountId: string): AccountApi => {
    if (!isAccountId(accountId)) throw new TypeError('This is not the id of an account.');
    return namespace.getByName(accountId) as AccountApi;
  };
  return {
    get,
    async find(token) {
      const accountId = findAccountId(token);
      return accountId === null ? null : { accountId, tokenHash: await toDigest(token), api: get(accountId) };
    },
    ask: async (accountId, secretDigest) => get(accountId).findRecord(secretDigest),
  };
}
