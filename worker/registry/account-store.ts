// The one row that says whose object this is, and the hash of the token that opens it.
import { PLANS, type PlanName } from '../limits.ts';
import { isSameDigest } from './token.ts';

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly plan: PlanName;
  readonly created_at: string;
}

export interface AccountStore {
  /** null: the object holds no account. */
  find(): Account | null;
  /** The account, where the hash is that of its token. */
  findFor(tokenHash: string): Account | null;
  insert(account: Account, tokenHash: string): void;
  setTokenHash(tokenHash: string): void;
  /** The tutorial that was last published for it, and that it is another now. */
  getTutorial(): string;
  setTutorial(digest: string): void;
}

type Row = { id: string; name: string; plan: string; created_at: string; token_hash: string; tutorial_digest: string };

export function createAccountStore(sql: SqlStorage, hasTables: () => boolean): AccountStore {
  const findRow = (): Row | null =>
    hasTables() ? (sql.exec<Row>('SELECT * FROM account').toArray()[0] ?? null) : null;
  const toAccount = ({ id, name, plan, created_at }: Row): Account => ({
    id,
    name,
    // A plan that no longer exists gives the least.
    plan: Object.hasOwn(PLANS, plan) ? (plan as PlanName) : 'trial',
    created_at,
  });
  return {
    find() {
      const row = findRow();
      return row === null ? null : toAccount(row);
    },
    findFor(tokenHash) {
      const row = findRow();
      return row !== null && isSameDigest(row.token_hash, tokenHash) ? toAccount(row) : null;
    },
    insert({ id, name, plan, created_at }, tokenHash) {
      sql.exec(
        "INSERT INTO account (id, name, plan, token_hash, tutorial_digest, created_at) VALUES (?, ?, ?, ?, '', ?)",
        id,
        name,
        plan,
        tokenHash,
        created_at,
      );
    },
    setTokenHash(tokenHash) {
      sql.exec('UPDATE account SET token_hash = ?', tokenHash);
    },
    getTutorial: () => findRow()?.tutorial_digest ?? '',
    setTutorial(digest) {
      sql.exec('UPDATE account SET tutorial_digest = ?', digest);
    },
  };
}
