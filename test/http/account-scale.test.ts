// An account with many models: what an activation looks at in the tables does not grow with them.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Lab, startLab, type TestAccount } from '../support/account-lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.dispose());

/** Rows that SQLite reads for one activation and deactivation, in an account of so many models, of which some are live. */
async function countRows(models: number, live: number): Promise<number> {
  const account = await lab.createAccount('standard');
  const ids: string[] = [];
  // The same bytes: they are stored once.
  for (let i = 0; i < models; i += 1) ids.push((await account.add(`Model ${i}`, 'bytes')).id);
  for (const id of ids.slice(0, live)) await account.activated(id);
  // The first one makes a secret.
  const id = ids.at(-1) ?? '';
  await switchOnAndOff(account, id);
  await settle(account);
  await lab.call(account.id, 'rowsRead');
  await account.api.activate(id);
  await settle(account);
  await account.api.deactivate(id);
  await settle(account);
  return (await lab.call(account.id, 'rowsRead')) as number;
}

async function switchOnAndOff(account: TestAccount, id: string): Promise<void> {
  await account.activated(id);
  await account.api.deactivate(id);
}

/** Waits until there is nothing left to check or to write. */
async function settle(account: TestAccount): Promise<void> {
  for (const end = Date.now() + 10_000; ; ) {
    const [left] = await account.query<{ n: number }>(
      `SELECT (SELECT COUNT(*) FROM publications WHERE wanted > written)
        + (SELECT COUNT(*) FROM pipelines WHERE check_due_at IS NOT NULL) AS n`,
    );
    if (left?.n === 0) return;
    if (Date.now() > end) throw new Error('It is still at work.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

it('reads no more rows to activate one of 200 models than one of 10', async () => {
  const few = await countRows(10, 3);
  const many = await countRows(200, 3);
  expect(few).toBeGreaterThan(10);
  // Waiting takes a look now and then, so that the numbers differ a little.
  expect(many).toBeLessThan(2 * few);
});
