// The account object in workerd: activation, rotation and deletion, when many call at once.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ModelView } from '../../worker/registry/account-api.ts';
import { toDigest } from '../../worker/registry/secret.ts';
import { hasStatus, type Lab, startLab, toModel } from '../support/account-lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.fault({}));
afterAll(() => lab.dispose());

describe('activation', () => {
  it('checks, publishes, and is active within two seconds; off is off', async () => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    const started = Date.now();
    const answer = await account.api.activate(id);
    expect(answer).toMatchObject({ ok: true, model: { pipeline: { status: 'deploying', version: 1, secret: null } } });
    const model = await account.until(id, hasStatus('active'));
    expect(Date.now() - started).toBeLessThan(2000);
    const secret = model.pipeline.secret ?? '';
    expect(await lab.kv(secret)).toMatchObject({
      v: 1,
      state: 'active',
      account_id: account.id,
      model_id: id,
      name: 'Wine',
      version: 1,
      model: { digest: await toDigest('Wine'), bytes: 4, optimise: true },
    });
    expect(Date.parse(model.pipeline.activated_at ?? '')).toBeGreaterThan(started - 1);
    const off = await account.api.deactivate(id);
    expect(off).toMatchObject({
      ok: true,
      forget: [secret],
      model: { pipeline: { status: 'inactive', secret: null } },
    });
    await expect.poll(async () => (await lab.kv(secret))?.state, { timeout: 5000 }).toBe('inactive');
    const again = await account.activated(id);
    expect(again.pipeline.secret).toBe(secret);
  });

  it('names the one that is active where the plan has no more place', async () => {
    const account = await lab.createAccount();
    const [one, two] = [await account.add('One'), await account.add('Two')];
    await account.activated(one.id);
    const refused = await account.api.activate(two.id);
    expect(refused).toMatchObject({
      ok: false,
      code: 'quota_exceeded',
      active: [{ id: one.id, name: 'One', status: 'active' }],
    });
    expect(!refused.ok && refused.message).toContain('One');
    await account.api.deactivate(one.id);
    await account.activated(two.id);
  });

  it('leaves one active of 100 at once, and KV agrees', async () => {
    const account = await lab.createAccount();
    const models: ModelView[] = [];
    for (let i = 0; i < 20; i += 1) models.push(await account.add(`m${i}`, 'same'));
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => account.api.activate(models[i % 20]?.id ?? '')),
    );
    const winners = new Set(answers.flatMap((answer) => (answer.ok ? [answer.model.id] : [])));
    expect(winners.size).toBe(1);
    // The winner itself was asked five times.
    expect(answers.filter((answer) => !answer.ok && answer.code === 'quota_exceeded')).toHaveLength(95);
    const [winner = ''] = winners;
    await account.until(winner, hasStatus('active'));
    const list = await account.api.listModels();
    const live = list.ok ? list.models.filter(({ pipeline }) => pipeline.status !== 'inactive') : [];
    expect(live.map(({ id }) => id).sort()).toEqual([winner, 'model_tutorial'].sort());
    const secrets = await account.query<{ secret: string; model_id: string }>(
      'SELECT secret, model_id FROM pipelines WHERE secret IS NOT NULL',
    );
    expect(secrets).toHaveLength(2);
    for (const { secret } of secrets) expect(await lab.kv(secret)).toMatchObject({ state: 'active' });
  });

  it('leaves one active of 100 different models at once', async () => {
    const account = await lab.createAccount('standard');
    const models: ModelView[] = [];
    for (let i = 0; i < 100; i += 1) models.push(await account.add(`m${i}`, 'same'));
    await account.query("UPDATE account SET plan = 'trial'");
    const answers = await Promise.all(models.map(({ id }) => account.api.activate(id)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(
      answers.filter((answer) => !answer.ok && answer.code === 'quota_exceeded' && answer.active?.length === 1),
    ).toHaveLength(99);
  });

  it('takes over in one step; a version that fails leaves the old one live; back is one call', async () => {
    const account = await lab.createAccount();
    const { id } = await account.add('Wine', 'v1');
    await account.activated(id);
    const secret = await account.secretOf(id);
    for (const text of ['v2', 'v3']) await account.api.addVersion(id, toModel('', text));
    await lab.fault({ badVersions: [3], checkMs: 300 });
    const deploying = await account.api.activate(id);
    expect(deploying.ok && deploying.model.pipeline).toMatchObject({
      status: 'active',
      version: 1,
      candidate: 3,
      secret,
    });
    const kept = await account.until(id, ({ pipeline }) => pipeline.reason !== undefined);
    expect(kept.pipeline).toMatchObject({ status: 'active', version: 1 });
    expect(kept.pipeline.reason).toContain('Version 3');
    expect(await lab.kv(secret)).toMatchObject({ version: 1, state: 'active' });
    await account.activated(id, 2);
    expect(await lab.kv(secret)).toMatchObject({ version: 2 });
    const back = await account.activated(id, 1);
    expect(back.pipeline).toMatchObject({ version: 1, secret });
    expect(back.pipeline.reason).toBe(undefined);
    expect(await lab.kv(secret)).toMatchObject({ version: 1 });
  });

  it('fails with the reason where there is nothing to keep, and frees its place', async () => {
    const account = await lab.createAccount();
    const [bad, good] = [await account.add('Bad'), await account.add('Good')];
    await lab.fault({ check: { ok: false, retry: false, reason: 'row 1 differs.' } });
    await account.api.activate(bad.id);
    const failed = await account.until(bad.id, hasStatus('failed'));
    expect(failed.pipeline).toMatchObject({ reason: 'row 1 differs.', version: 1, secret: null });
    await lab.fault({});
    await account.activated(good.id);
    const events = await account.api.listEvents(bad.id);
    expect(events.ok && events.events.map(({ event }) => event)).toEqual([
      'deployment_failed',
      'activation_requested',
      'imported',
    ]);
    expect(events.ok && events.events[0]).toMatchObject({
      actor: 'system',
      status: 'failed',
      reason: 'row 1 differs.',
    });
  });

  it('what became of a version is logged of it, while another one serves', async () => {
    const account = await lab.createAccount();
    const { id } = await account.add('Wine', 'a1');
    await account.activated(id);
    await account.api.addVersion(id, toModel('', 'a2'));
    await lab.fault({ check: { ok: false, retry: false, reason: 'row 1 differs.' } });
    await account.api.activate(id, 2);
    await account.until(id, ({ pipeline }) => pipeline.reason !== undefined);
    const events = await account.api.listEvents(id);
    expect(events.ok && events.events[0]).toMatchObject({ event: 'deployment_failed', version: 2, status: 'active' });
    await lab.fault({});
  });

  it('of two versions activated at once the last one is live in the end', async () => {
    const account = await lab.createAccount();
    const { id } = await account.add('Wine', 'a1');
    await account.api.addVersion(id, toModel('', 'a2'));
    await lab.fault({ checkMs: 100 });
    await Promise.all([account.api.activate(id, 1), account.api.activate(id, 2)]);
    const events = await account.api.listEvents(id);
    const last = events.ok ? events.events.find(({ event }) => event === 'activation_requested')?.version : null;
    const model = await account.until(id, hasStatus('active'));
    expect(model.pipeline.version).toBe(last);
    expect(await lab.kv(model.pipeline.secret ?? '')).toMatchObject({ version: last });
  });

  it('deactivation cancels a deployment', async () => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await lab.fault({ checkMs: 200 });
    await account.api.activate(id);
    await account.api.deactivate(id);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await account.until(id, hasStatus('inactive'));
    expect(await lab.kv(await account.secretOf(id))).toBe(null);
  });

  it('rotation: new URL in KV with the answer, old one gone, the version on its way arrives', async () => {
    const account = await lab.createAccount();
    const { id } = await account.add('Wine', 'r1');
    await account.activated(id);
    const old = await account.secretOf(id);
    await account.api.addVersion(id, toModel('', 'r2'));
    await lab.fault({ checkMs: 300 });
    await account.api.activate(id, 2);
    const rotated = await account.api.rotateSecret(id);
    if (!rotated.ok) throw new Error(rotated.message);
    expect(rotated.forget).toEqual([old]);
    const secret = rotated.model.pipeline.secret ?? '';
    expect(await lab.kv(secret)).toMatchObject({ state: 'active' });
    await expect.poll(() => lab.kv(old)).toBe(null);
    await account.until(id, ({ pipeline }) => pipeline.version === 2 && pipeline.candidate === undefined);
    expect(await lab.kv(secret)).toMatchObject({ version: 2 });
  });
});

describe('deletion', () => {
  it('is refused while active, and takes the record with it', async () => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await account.activated(id);
    const secret = await account.secretOf(id);
    expect(await account.api.deleteModel(id)).toMatchObject({ ok: false, code: 'model_active' });
    await account.api.deactivate(id);
    expect(await account.api.deleteModel(id)).toMatchObject({ ok: true, forget: [secret] });
    expect(await account.api.getModel(id)).toMatchObject({ code: 'model_not_found' });
    expect(await account.api.deleteModel(id)).toMatchObject({ code: 'model_not_found' });
    await expect.poll(() => lab.kv(secret), { timeout: 5000 }).toBe(null);
    const events = await account.api.listEvents(id);
    expect(events.ok && events.events[0]).toMatchObject({ event: 'deleted', actor: 'owner' });
    for (const table of ['models', 'versions', 'documents']) {
      expect(await account.query(`SELECT * FROM ${table}`)).toEqual([]);
    }
  });

  it.each(['checking', 'publishing'])('is safe while %s', async (stage) => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await lab.fault(stage === 'checking' ? { checkMs: 300 } : { slowMs: 300 });
    await account.api.activate(id);
    if (stage === 'publishing') await new Promise((resolve) => setTimeout(resolve, 100));
    const secret = await account.secretOf(id);
    expect(await account.api.deleteModel(id)).toMatchObject({ ok: true });
    await expect
      .poll(() => account.query('SELECT * FROM publications WHERE wanted > written'), { timeout: 5000 })
      .toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await lab.kv(secret)).toBe(null);
    expect(await account.query("SELECT * FROM pipelines WHERE model_id <> 'model_tutorial'")).toEqual([]);
  });
});

describe('the reader', () => {
  it('sees an activation at once where KV still says off, and a deactivation at once where it still says on', async () => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await account.activated(id);
    const secret = await account.secretOf(id);
    expect(await lab.read(secret)).toMatchObject({ state: 'active' });
    await account.api.deactivate(id);
    await lab.forget(secret, account.id);
    expect(await lab.read(secret)).toEqual({ code: 'pipeline_inactive' });
    await account.activated(id);
    expect(await lab.read(secret)).toMatchObject({ state: 'active', version: 1 });
    await account.api.rotateSecret(id);
    await lab.forget(secret, account.id);
    expect(await lab.read(secret)).toEqual({ code: 'pipeline_not_found' });
  });
});

it('keeps a bounded audit log', async () => {
  const account = await lab.createAccount();
  const { id } = await account.add();
  await account.query(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
     INSERT INTO events (model_id, at, actor, event) SELECT '${id}', '2026-01-01T00:00:00.000Z', 'system', 'old' FROM n`,
  );
  await account.api.patchModel(id, { name: 'Other' });
  const [count] = await account.query<{ n: number }>(`SELECT COUNT(*) AS n FROM events WHERE model_id = '${id}'`);
  expect(count?.n).toBe(1000);
  const page = await account.api.listEvents(id, { limit: 1 });
  expect(page.ok && page.events).toMatchObject([{ event: 'renamed' }]);
  const next = await account.api.listEvents(id, { limit: 1, cursor: page.ok ? (page.next ?? '') : '' });
  expect(next.ok && next.events).toMatchObject([{ event: 'old' }]);
});
