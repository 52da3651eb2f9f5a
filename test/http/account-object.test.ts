// The account object in workerd: what it promises when KV fails, when it is restarted, and when many call at once.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PLANS } from '../../worker/limits.ts';
import type { ModelView } from '../../worker/registry/account-api.ts';
import { toDigest } from '../../worker/registry/secret.ts';
import { createAccountId } from '../../worker/registry/token.ts';
import { type Lab, startLab, toModel } from '../support/account-lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.fault({}));
afterAll(() => lab.dispose());

const status = (wished: string) => (model: { pipeline: { status: string } }) => model.pipeline.status === wished;

describe('accounts', () => {
  it('answers nothing without an account, and stores nothing', async () => {
    const id = createAccountId((bytes) => crypto.getRandomValues(bytes));
    for (const [method, ...args] of [
      ['authenticate', 'x'],
      ['getAccount', 'x'],
      ['addModel', 'x', toModel('a', 'never stored')],
      ['activate', 'x', 'model_a'],
      ['rotateToken', ''],
    ]) {
      expect(await lab.call(id, String(method), ...args)).toMatchObject({ ok: false, code: 'unauthorized' });
    }
    expect(await lab.call(id, 'findRecord', 'x')).toBe(null);
    expect(await lab.call(id, 'storedBytes')).toEqual({ tables: 0, alarm: null });
    expect(await lab.holdsModel('never stored')).toBe(false);
  });

  it('is created once, and its token opens it', async () => {
    const account = await lab.createAccount();
    const again = await lab.call(account.id, 'create', { account_id: account.id, name: 'Other', plan: 'standard' });
    expect(again).toMatchObject({ ok: false, code: 'account_exists' });
    expect(await account.api.authenticate()).toEqual({ ok: true, account_id: account.id, plan: 'trial' });
    expect(await account.api.getAccount()).toMatchObject({
      ok: true,
      account: {
        plan: 'trial',
        quota: { used: 0, limit: 1, counted: [], not_counted: [{ id: 'model_tutorial' }] },
      },
    });
    expect(await lab.call(account.id, 'authenticate', await toDigest('postern_other'))).toMatchObject({ ok: false });
  });

  it('refuses a name or plan that is none', async () => {
    const id = createAccountId((bytes) => crypto.getRandomValues(bytes));
    for (const [name, plan] of [
      ['', 'trial'],
      ['a'.repeat(101), 'trial'],
      ['a\nb', 'trial'],
      ['a', 'golden'],
      ['a', 'toString'],
    ]) {
      expect(await lab.call(id, 'create', { account_id: id, name, plan })).toMatchObject({ code: 'invalid_input' });
    }
    expect(await lab.call(id, 'storedBytes')).toEqual({ tables: 0, alarm: null });
  });

  it('kills the old token with the new one; of ten rotations at once one wins', async () => {
    const account = await lab.createAccount();
    const rotations = await Promise.all(Array.from({ length: 10 }, () => account.api.rotateToken()));
    const won = rotations.filter(({ ok }) => ok);
    expect(won).toHaveLength(1);
    expect(await account.api.getAccount()).toMatchObject({ code: 'unauthorized' });
    const token = won[0]?.ok ? won[0].token : '';
    expect(await lab.call(account.id, 'authenticate', await toDigest(token))).toMatchObject({ ok: true });
  });

  it('keeps no token, and no secret in a key', async () => {
    const account = await lab.createAccount();
    const rows = await account.query('SELECT * FROM account');
    expect(JSON.stringify(rows)).not.toContain(account.token);
    const { log } = await lab.log();
    expect(log.every(({ key }) => /^pipeline:[0-9a-f]{64}$/.test(key))).toBe(true);
  });
});

describe('the tutorial', () => {
  it('is listed first, active, with its own URL in each account, and fixed', async () => {
    const [one, two] = [await lab.createAccount(), await lab.createAccount()];
    const shown = await one.api.getModel('model_tutorial');
    if (!shown.ok) throw new Error(shown.message);
    expect(shown.model).toMatchObject({ tutorial: true, pipeline: { status: 'active', version: 1 } });
    const secret = shown.model.pipeline.secret ?? '';
    expect(await lab.kv(secret)).toMatchObject({ state: 'active', account_id: one.id, model_id: 'model_tutorial' });
    expect(await two.secretOf('model_tutorial')).not.toBe(secret);
    await one.add();
    const list = await one.api.listModels();
    expect(list.ok && list.models.map(({ id }) => id)[0]).toBe('model_tutorial');
    expect(list.ok && list.models).toHaveLength(2);
    for (const refused of [
      one.api.deactivate('model_tutorial'),
      one.api.deleteModel('model_tutorial'),
      one.api.patchModel('model_tutorial', { name: 'Mine' }),
      one.api.addVersion('model_tutorial', toModel('a', 'b')),
    ]) {
      expect(await refused).toMatchObject({ ok: false, code: 'tutorial_always_active' });
    }
    expect(await one.api.activate('model_tutorial')).toMatchObject({
      ok: true,
      model: { pipeline: { status: 'active' } },
    });
  });

  it('can be rotated: the new URL is in KV with the answer, the old one is gone', async () => {
    const account = await lab.createAccount();
    const old = await account.secretOf('model_tutorial');
    const rotated = await account.api.rotateSecret('model_tutorial');
    if (!rotated.ok) throw new Error(rotated.message);
    expect(rotated.forget).toEqual([old]);
    expect(await lab.kv(rotated.model.pipeline.secret ?? '')).toMatchObject({ state: 'active' });
    await expect.poll(() => lab.kv(old)).toBe(null);
  });

  it('is active even where KV did not take it yet, but shows no URL before it has', async () => {
    await lab.fault({ failUntil: Date.now() + 4000 });
    const account = await lab.createAccount();
    const shown = await account.api.getModel('model_tutorial');
    expect(shown.ok && shown.model.pipeline).toMatchObject({ status: 'active', secret: null });
    const model = await account.until('model_tutorial', ({ pipeline }) => pipeline.secret !== null);
    expect(await lab.kv(model.pipeline.secret ?? '')).toMatchObject({ state: 'active' });
  });
});

describe('models', () => {
  it('shows what was imported, its versions newest first', async () => {
    const account = await lab.createAccount();
    const model = await account.add('Wine', 'bytes 1');
    expect(await lab.holdsModel('bytes 1')).toBe(true);
    expect(model).toMatchObject({
      name: 'Wine',
      task: 'regression',
      label: 'y',
      classes: null,
      features: [{ name: 'x' }],
      report: { notes: ['bytes 1'] },
      pipeline: { status: 'inactive', version: null, activated_at: null, secret: null },
    });
    const next = await account.api.addVersion(model.id, toModel('', 'bytes 2'));
    expect(next.ok && next.model.versions.map(({ version }) => version)).toEqual([2, 1]);
    expect(next.ok && next.model.report).toEqual({ notes: ['bytes 2'] });
    const first = await account.api.getVersion(model.id, 1);
    expect(first.ok && first.version).toMatchObject({
      digest: await toDigest('bytes 1'),
      golden: [{ row: { x: 1 }, answer: { prediction: 2 } }],
      report: { notes: ['bytes 1'] },
    });
    expect(await account.api.getVersion(model.id, 3)).toMatchObject({ code: 'version_not_found' });
    expect(await account.api.activate(model.id, 3)).toMatchObject({ code: 'version_not_found' });
    expect(await account.api.getModel('model_other')).toMatchObject({ code: 'model_not_found' });
  });

  it('acknowledges no upload whose bytes KV did not take', async () => {
    const account = await lab.createAccount();
    await lab.fault({ failModels: true });
    expect(await account.api.addModel(toModel('Lost', 'lost'))).toMatchObject({ code: 'model_unavailable' });
    const list = await account.api.listModels();
    expect(list.ok && list.models).toHaveLength(1);
    await lab.fault({});
    await account.add('Lost', 'lost');
    expect(await lab.holdsModel('lost')).toBe(true);
  });

  it('renames, publishes the name, and amends into a new version with the same bytes', async () => {
    const account = await lab.createAccount();
    const { id } = await account.add('Old', 'amended');
    await account.activated(id);
    const secret = await account.secretOf(id);
    expect(await account.api.patchModel(id, { name: 'New' })).toMatchObject({ ok: true, model: { name: 'New' } });
    await expect.poll(async () => (await lab.kv(secret))?.name, { timeout: 5000 }).toBe('New');
    const { manifest, golden } = toModel('', '');
    const amended = await account.api.patchModel(id, {
      amendment: { base: 1, manifest: { ...manifest, label: 'price' }, golden },
    });
    expect(amended.ok && amended.model).toMatchObject({
      label: 'price',
      pipeline: { status: 'active', version: 1 },
      versions: [{ version: 2, source: 'amendment', digest: await toDigest('amended') }, { version: 1 }],
    });
    await account.activated(id, 2);
    await expect.poll(async () => (await lab.kv(secret))?.manifest.label).toBe('price');
    expect(await account.api.patchModel(id, { name: ' ' })).toMatchObject({ code: 'invalid_input' });
  });

  it('keeps as many models as the plan allows, however many come at once', async () => {
    const account = await lab.createAccount();
    const added = await Promise.all(
      Array.from({ length: PLANS.trial.models + 5 }, (_, i) => account.api.addModel(toModel(`m${i}`, `many ${i}`))),
    );
    expect(added.filter(({ ok }) => ok)).toHaveLength(PLANS.trial.models);
    expect(added.filter((result) => !result.ok && result.code === 'limit_reached')).toHaveLength(5);
  });

  it('lists in pages, each model once', async () => {
    const account = await lab.createAccount('standard');
    for (let i = 0; i < 7; i += 1) await account.add(`m${i}`, 'same bytes');
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await account.api.listModels({ limit: 3, ...(cursor === undefined ? {} : { cursor }) });
      if (!page.ok) throw new Error(page.message);
      expect(page.models.length).toBeLessThanOrEqual(3);
      names.push(...page.models.map(({ name }) => name));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(names).toEqual(['Iris (tutorial)', 'm0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6']);
    expect(await account.api.listModels({ cursor: "1' OR 1" })).toMatchObject({ code: 'invalid_input' });
  });
});

describe('activation', () => {
  it('checks, publishes, and is active within two seconds; off is off', async () => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    const started = Date.now();
    const answer = await account.api.activate(id);
    expect(answer).toMatchObject({ ok: true, model: { pipeline: { status: 'deploying', version: 1, secret: null } } });
    const model = await account.until(id, status('active'));
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
    await account.until(winner, status('active'));
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
    const failed = await account.until(bad.id, status('failed'));
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
    const model = await account.until(id, status('active'));
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
    await account.until(id, status('inactive'));
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

describe('when KV fails', () => {
  it.each([1, 3])('%i times: it is active by itself afterwards', async (times) => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await lab.fault({ failWrites: times });
    await account.api.activate(id);
    const late = await account.until(id, ({ pipeline }) => pipeline.reason !== undefined);
    expect(late.pipeline).toMatchObject({ status: 'deploying', secret: null });
    expect(late.pipeline.reason).toContain('Storage');
    expect(late.pipeline.reason).not.toContain('500');
    const model = await account.until(id, status('active'), 20_000);
    expect(model.pipeline.reason).toBe(undefined);
    expect(await lab.kv(model.pipeline.secret ?? '')).toMatchObject({ state: 'active' });
  });

  it('for ten seconds: honest meanwhile, active soon afterwards', async () => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    const end = Date.now() + 10_000;
    await lab.fault({ failUntil: end });
    await account.api.activate(id);
    while (Date.now() < end) {
      const shown = await account.api.getModel(id);
      expect(shown.ok && shown.model.pipeline.status).toBe('deploying');
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    const model = await account.until(id, status('active'), 12_000);
    expect(await lab.kv(model.pipeline.secret ?? '')).toMatchObject({ state: 'active' });
  });

  it('writes a key at most once a second, and the last state in the end', async () => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await account.activated(id);
    const secret = await account.secretOf(id);
    for (let i = 0; i < 5; i += 1) {
      await account.api.deactivate(id);
      await account.api.activate(id);
    }
    await account.api.deactivate(id);
    await expect.poll(async () => (await lab.kv(secret))?.state, { timeout: 5000 }).toBe('inactive');
    const key = `pipeline:${await toDigest(secret)}`;
    const times = (await lab.log()).log.filter((entry) => entry.key === key).map(({ at }) => at);
    for (let i = 1; i < times.length; i += 1) expect((times[i] ?? 0) - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it('deactivation is decided at once and reaches KV later', async () => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await account.activated(id);
    const secret = await account.secretOf(id);
    await lab.fault({ failUntil: Date.now() + 2500 });
    expect(await account.api.deactivate(id)).toMatchObject({ ok: true, model: { pipeline: { status: 'inactive' } } });
    await expect.poll(async () => (await lab.kv(secret))?.state, { timeout: 10_000 }).toBe('inactive');
  });

  it('rotation shows no URL that KV does not know', async () => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await account.activated(id);
    const old = await account.secretOf(id);
    await lab.fault({ failUntil: Date.now() + 4000 });
    const rotated = await account.api.rotateSecret(id);
    expect(rotated.ok && rotated.model.pipeline).toMatchObject({ status: 'deploying', secret: null });
    const model = await account.until(id, status('active'));
    expect(await lab.kv(model.pipeline.secret ?? '')).toMatchObject({ state: 'active' });
    await expect.poll(() => lab.kv(old), { timeout: 10_000 }).toBe(null);
  });
});

describe('when it is restarted', () => {
  it('in the middle of a rotation, the old URL dies by itself', async () => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await account.activated(id);
    const old = await account.secretOf(id);
    // Slow enough for the decision to be on disk.
    await lab.fault({ slowMs: 500, abort: 'after' });
    await account.api.rotateSecret(id).catch(() => undefined);
    await lab.fault({ slowMs: 0 });
    // Nobody asks it anything: its alarm alone wakes it.
    await expect.poll(() => lab.kv(old), { timeout: 20_000 }).toBe(null);
  });

  it.each(['before', 'after'] as const)('%s the write of a record, it is active by itself', async (abort) => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await lab.fault({ abort });
    await account.api.activate(id).catch(() => undefined);
    // Nobody asks it anything: its alarm alone wakes it.
    await expect
      .poll(async () => (await lab.log()).log.filter(({ value }) => value?.includes(id)).length, { timeout: 20_000 })
      .toBeGreaterThan(1);
    const model = await account.until(id, status('active'), 20_000);
    expect(await lab.kv(model.pipeline.secret ?? '')).toMatchObject({ state: 'active' });
  });

  it('between decision and check, nothing is lost', async () => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await lab.fault({ checkMs: 500 });
    await account.api.activate(id);
    await account.restart();
    const model = await account.until(id, status('active'), 20_000);
    expect(await lab.kv(model.pipeline.secret ?? '')).toMatchObject({ state: 'active' });
  });

  it('a model that kills the isolate fails after three starts', async () => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await lab.fault({ check: 'die' });
    await account.api.activate(id).catch(() => undefined);
    const model = await account.until(id, status('failed'), 40_000);
    expect(model.pipeline.reason).toContain('3 times');
  });

  it('a check that throws is tried again, and fails in the end', async () => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await lab.fault({ check: 'throw' });
    await account.api.activate(id);
    const model = await account.until(id, status('failed'), 20_000);
    expect(model.pipeline.reason).toContain('never came to an end');
  });

  it('a check that storage kept from ending goes on until it can', async () => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await lab.fault({ check: { ok: false, retry: true, reason: 'Storage does not answer.' } });
    await account.api.activate(id);
    const model = await account.until(id, ({ pipeline }) => pipeline.reason !== undefined);
    expect(model.pipeline).toMatchObject({ status: 'deploying' });
    await lab.fault({});
    await account.until(id, status('active'));
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
