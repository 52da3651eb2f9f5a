// Every operation of an account, broken at each of its steps in each way: what was acknowledged holds, what was not has
// happened or has not, nothing is in between, and KV agrees in the end.
import { PLANS } from '../../worker/limits.ts';
import { toHour } from '../../worker/pipeline/usage.ts';
import type { Result } from '../../worker/registry/account-api.ts';
import { toDigest } from '../../worker/registry/secret.ts';
import { createAccountId } from '../../worker/registry/token.ts';
import type { Lab, TestAccount } from './account-lab.ts';
import { toModel } from './account-lab.ts';
import type { FaultPoint } from './account-worker.ts';

interface Operation {
  /** @returns the model that it is about. */
  prepare(account: TestAccount): Promise<string>;
  act(account: TestAccount, model: string, lab: Lab): Promise<Result<unknown>>;
}

export interface Outcome {
  readonly scenarios: number;
  /** By the step that was broken. */
  readonly struck: Readonly<Record<string, number>>;
  readonly findings: readonly string[];
}

const added = async (account: TestAccount) => (await account.add('Wine', 'v1')).id;
const active = async (account: TestAccount) => {
  const id = await added(account);
  await account.activated(id);
  return id;
};
const activeOfTwo = async (account: TestAccount) => {
  const id = await active(account);
  await account.api.addVersion(id, toModel('', 'v2'));
  return id;
};

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  upload: { prepare: async () => '', act: ({ api }) => api.addModel(toModel('New', 'new')) },
  'new version': { prepare: active, act: ({ api }, id) => api.addVersion(id, toModel('', 'v2')) },
  activate: { prepare: added, act: ({ api }, id) => api.activate(id) },
  'another version': { prepare: activeOfTwo, act: ({ api }, id) => api.activate(id, 2) },
  rollback: {
    async prepare(account) {
      const id = await activeOfTwo(account);
      await account.activated(id, 2);
      return id;
    },
    act: ({ api }, id) => api.activate(id, 1),
  },
  'beyond the quota': {
    async prepare(account) {
      await active(account);
      return added(account);
    },
    act: ({ api }, id) => api.activate(id),
  },
  deactivate: { prepare: active, act: ({ api }, id) => api.deactivate(id) },
  rotate: { prepare: active, act: ({ api }, id) => api.rotateSecret(id) },
  'rotate with grace': { prepare: active, act: ({ api }, id) => api.rotateSecret(id, 3600) },
  rename: { prepare: active, act: ({ api }, id) => api.patchModel(id, { name: 'Other' }) },
  cap: { prepare: active, act: ({ api }, id) => api.patchModel(id, { cap: { daily_cap: 10 } }) },
  delete: {
    async prepare(account) {
      const id = await active(account);
      await account.api.deactivate(id);
      return id;
    },
    act: ({ api }, id) => api.deleteModel(id),
  },
  'usage report': {
    prepare: active,
    async act(account, id, lab) {
      const hour = { hour: toHour(Date.now()), outcome: 'ok', calls: 7, predictions: 7, counted: 7 };
      await lab.call(account.id, 'addUsage', { id: 'one', pipelines: [{ model_id: id, hours: [hour], pages: [] }] });
      return { ok: true };
    },
  },
  token: { prepare: async () => '', act: ({ api }) => api.rotateToken() },
};

const HOWS: readonly FaultPoint['how'][] = ['fail', 'before', 'after'];
/** Follow-up work in steps beyond an operation's own: the alarm's. */
const MORE_STEPS = 3;
const SETTLE_MS = 20_000;

interface Seen {
  /** All that an owner and callers can see, without what chance has made. */
  readonly state: string;
  readonly wrong: readonly string[];
}

/** What there is, once nothing is under way. */
async function look(lab: Lab, account: TestAccount): Promise<Seen> {
  const query = async <T>(sql: string) => account.query<T>(sql).catch(() => null);
  for (const end = Date.now() + SETTLE_MS; ; ) {
    const [open] = (await query<{ n: number }>(
      `SELECT (SELECT COUNT(*) FROM publications WHERE wanted > written) +
        (SELECT COUNT(*) FROM pipelines WHERE candidate_version IS NOT NULL) AS n`,
    )) ?? [{ n: 1 }];
    if (open?.n === 0) break;
    if (Date.now() > end) return { state: 'unsettled', wrong: ['It does not settle.'] };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const rows =
    (await query<Record<string, string | number | null>>(
      `SELECT m.name, m.last_version, p.status, p.version, p.rotation, p.daily_cap, p.old_secret IS NOT NULL AS has_old,
        (SELECT SUM(counted) FROM usage u WHERE u.model_id = m.id) AS used, p.secret, p.old_secret
       FROM models m JOIN pipelines p ON p.model_id = m.id ORDER BY m.position`,
    )) ?? [];
  const wrong: string[] = [];
  for (const { secret, old_secret, status, version } of rows) {
    for (const each of [secret, old_secret]) {
      if (each === null || each === undefined) continue;
      const record = await lab.kv(String(each));
      const there = record === null ? 'nothing' : record.state === 'active' ? `active ${record.version}` : 'inactive';
      const isNever = status === 'inactive' && there === 'nothing';
      const wanted = status === 'active' ? `active ${version}` : 'inactive';
      if (there !== wanted && !isNever) wrong.push(`KV holds ${there} instead of ${wanted}.`);
    }
  }
  const counted = rows.filter(({ status }) => status === 'active' || status === 'deploying').length;
  if (counted > PLANS.trial.active) wrong.push(`${counted} are active.`);
  // The fault may strike here.
  const token = await account.api.authenticate().catch(() => account.api.authenticate());
  const shown = rows.map(({ secret, old_secret: _, ...row }) => ({ ...row, secret: secret !== null }));
  return { state: JSON.stringify({ models: shown, token: token.ok }), wrong };
}

async function run(lab: Lab, operation: Operation, point: FaultPoint | null) {
  const account = await lab.createAccount();
  const model = await operation.prepare(account);
  const before = await look(lab, account);
  const secrets = await account.query<{ secret: string }>('SELECT secret FROM pipelines WHERE secret IS NOT NULL');
  await lab.arm(account.id, point);
  const answer = await operation.act(account, model, lab).catch(() => null);
  const after = await look(lab, account);
  const { taken, struck } = await lab.arm(account.id, null);
  const present = new Set(
    (
      await account.query<{ secret: string; old_secret: string | null }>('SELECT secret, old_secret FROM pipelines')
    ).flatMap(({ secret, old_secret }) => [secret, old_secret]),
  );
  const alive = await Promise.all(
    secrets.filter(({ secret }) => !present.has(secret)).map(({ secret }) => lab.kv(secret)),
  );
  const wrong = [...after.wrong, ...(alive.some((record) => record !== null) ? ['A dead URL is in KV.'] : [])];
  return { account, model, before: before.state, answer, after: after.state, wrong, taken, struck };
}

/**
 * @param every only each so many-th scenario, beginning with another one for each operation.
 * @param atOnce how many accounts are broken at a time.
 */
export async function breakEverything(lab: Lab, every: number, atOnce = 24): Promise<Outcome> {
  const struck: Record<string, number> = {};
  const findings: string[] = [];
  let scenarios = 0;
  const work: (() => Promise<void>)[] = [];
  const healthy = await Promise.all(Object.values(OPERATIONS).map((operation) => run(lab, operation, null)));
  for (const [o, [name, operation]] of Object.entries(OPERATIONS).entries()) {
    const whole = healthy[o];
    if (whole === undefined) continue;
    for (const wrong of whole.wrong) findings.push(`${name}, unbroken: ${wrong}`);
    const steps = whole.taken + MORE_STEPS;
    for (let i = o % every; i < steps * HOWS.length; i += every) {
      const point: FaultPoint = { step: 1 + Math.floor(i / HOWS.length), how: HOWS[i % HOWS.length] ?? 'fail' };
      work.push(async () => {
        const got = await run(lab, operation, point).catch((error) => String(error));
        const where = `${name}, step ${point.step} (${typeof got === 'string' ? '' : got.struck}) ${point.how}`;
        if (typeof got === 'string') return void findings.push(`${where}: ${got}`);
        scenarios += 1;
        if (got.struck !== null) struck[got.struck] = (struck[got.struck] ?? 0) + 1;
        for (const wrong of got.wrong) findings.push(`${where}: ${wrong}`);
        const isDone = got.after === whole.after;
        if (got.answer?.ok && !isDone)
          findings.push(`${where}: acknowledged, but ${got.after} instead of ${whole.after}`);
        if (!isDone && got.after !== got.before) findings.push(`${where}: neither before nor after: ${got.after}`);
        if (isDone || name === 'token') return;
        // What did not happen can be asked for again.
        await operation.act(got.account, got.model, lab).catch(() => null);
        const again = await look(lab, got.account);
        if (again.state !== whole.after) findings.push(`${where}, asked for again: ${again.state}`);
      });
    }
  }
  const next = async () => {
    for (let job = work.shift(); job !== undefined; job = work.shift()) await job();
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  return { scenarios, struck, findings };
}

/** Creation is broken at each step as well: there is an account, whole, or none, and it can be created again. */
export async function breakCreation(lab: Lab): Promise<Outcome> {
  const struck: Record<string, number> = {};
  const findings: string[] = [];
  let scenarios = 0;
  const create = (id: string) =>
    lab.call(id, 'create', { account_id: id, name: 'Test', plan: 'trial' }) as Promise<Result<{ token: string }>>;
  const one = async (point: FaultPoint) => {
    const id = createAccountId((bytes) => crypto.getRandomValues(bytes));
    await lab.arm(id, point);
    const created = await create(id).catch(() => null);
    const { struck: at } = await lab.arm(id, null);
    if (at !== null) struck[at] = (struck[at] ?? 0) + 1;
    scenarios += 1;
    const again = await create(id).catch(() => null);
    const where = `create, step ${point.step} (${at}) ${point.how}`;
    if (created?.ok) {
      const opened = (await lab.call(id, 'authenticate', await toDigest(created.token))) as Result<unknown>;
      if (!opened.ok) findings.push(`${where}: the token that was given does not open the account`);
    }
    // An answer that was lost takes its token with it: another account is created, with another id.
    const isWhole = again?.ok === true || again?.code === 'account_exists';
    if (!isWhole || (created?.ok && again.ok)) findings.push(`${where}: then ${JSON.stringify(again)}`);
  };
  const points = Array.from(
    { length: 30 },
    (_, i) => ({ step: 1 + Math.floor(i / 3), how: HOWS[i % 3] ?? 'fail' }) as const,
  );
  await Promise.all(points.map(one));
  return { scenarios, struck, findings };
}
