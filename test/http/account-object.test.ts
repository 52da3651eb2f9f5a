// The account object in workerd: accounts, their tokens, the tutorial, and models.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PLANS } from '../../worker/limits.ts';
import { toDigest } from '../../worker/registry/secret.ts';
import { createAccountId } from '../../worker/registry/token.ts';
import { type Lab, startLab, toModel } from '../support/account-lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.fault({}));
afterAll(() => lab.dispose());

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
