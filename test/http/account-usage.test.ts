// What an account object does with what isolates report: sums, caps, pauses, pages; and an old URL in its grace. With
// restarts, failing writes, late reports and a clock that goes a day ahead.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS, PLANS } from '../../worker/limits.ts';
import {
  DAY_MS,
  type HourCount,
  type PageCount,
  toHour,
  type UsageReport,
  type UsageVerdict,
} from '../../worker/pipeline/usage.ts';
import type { UsageView } from '../../worker/registry/account-api.ts';
import { toDigest } from '../../worker/registry/secret.ts';
import { type Lab, startLab, type TestAccount, toModel } from '../support/account-lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.fault({}));
afterAll(() => lab.dispose());

const answered = (calls: number, more: Partial<HourCount> = {}): HourCount => ({
  hour: toHour(Date.now()),
  outcome: 'ok',
  calls,
  predictions: calls,
  counted: calls,
  ...more,
});

async function report(
  account: TestAccount,
  model: string,
  hours: HourCount[],
  more: { pages?: PageCount[]; id?: string } = {},
): Promise<UsageVerdict[]> {
  const pipelines = [{ model_id: model, hours, pages: more.pages ?? [] }];
  const sent: UsageReport = { id: more.id ?? crypto.randomUUID(), pipelines };
  return (await lab.call(account.id, 'addUsage', sent)) as UsageVerdict[];
}

async function usageOf(account: TestAccount, model: string): Promise<UsageView> {
  const found = await account.api.getUsage(model);
  if (!found.ok) throw new Error(found.message);
  return found.usage;
}

async function activeModel(plan: 'trial' | 'standard' = 'trial') {
  const account = await lab.createAccount(plan);
  const { id } = await account.add();
  await account.activated(id);
  return { account, id, secret: await account.secretOf(id) };
}

/** A day on, whatever it is today. */
const tomorrow = () => lab.fault({ aheadMs: DAY_MS });

describe('reports', () => {
  it.concurrent('are added up by hour and outcome, each once', async ({ expect }) => {
    const { account, id } = await activeModel();
    const hour = toHour(Date.now());
    const bad = { outcome: 'invalid_value', predictions: 0 } as const;
    await report(account, id, [answered(3, { predictions: 30, counted: 30 }), answered(2, bad)], { id: 'a' });
    await report(account, id, [answered(3, { predictions: 30, counted: 30 }), answered(2, bad)], { id: 'a' });
    await report(account, id, [answered(4), answered(1, { hour: hour - 1 })], { id: 'b' });
    // Too old, or from a clock that is far ahead.
    await report(account, id, [
      answered(1000, { hour: hour - LIMITS.USAGE_HOURS }),
      answered(1000, { hour: hour + 2 }),
    ]);
    const usage = await usageOf(account, id);
    expect(usage.hours).toHaveLength(LIMITS.USAGE_HOURS);
    expect(usage.hours.at(-1)).toEqual({
      at: new Date(hour * 3_600_000).toISOString(),
      calls: 9,
      predictions: 34,
      statuses: { 200: 7, 400: 2 },
    });
    expect(usage.hours.at(-2)).toMatchObject({ calls: 1, statuses: { 200: 1 } });
    expect(usage.hours.slice(0, -2).every(({ calls }) => calls === 0)).toBe(true);
    expect(usage.codes).toEqual({ ok: 8, invalid_value: 2 });
  });

  it.concurrent('of what is not there add nothing, and a deleted model leaves none', async ({ expect }) => {
    const { account, id } = await activeModel();
    expect(await report(account, 'model_none', [answered(1)])).toEqual([]);
    const stranger = await lab.createAccount();
    expect(await report(stranger, id, [answered(1)])).toEqual([]);
    await report(account, id, [answered(1)], {
      pages: [{ rotation: 0, origin: 'example.org', calls: 1, last_at: Date.now() }],
    });
    await account.api.deactivate(id);
    await account.api.deleteModel(id);
    await report(account, id, [answered(1)]);
    for (const table of ['usage', 'page_calls']) expect(await account.query(`SELECT * FROM ${table}`)).toEqual([]);
  });

  it.concurrent('before there is an account write nothing', async ({ expect }) => {
    const { account: other } = await activeModel();
    const id = other.id.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'));
    expect(await lab.call(id, 'addUsage', { id: 'x', pipelines: [] })).toEqual([]);
    expect(await lab.call(id, 'storedBytes')).toEqual({ tables: 0, alarm: null });
  });

  it('keep no more hours than are shown', async () => {
    const { account, id } = await activeModel();
    await report(account, id, [answered(1)]);
    await lab.fault({ aheadMs: 3 * DAY_MS });
    await report(account, id, [answered(1, { hour: toHour(Date.now() + 3 * DAY_MS) })]);
    expect(await account.query('SELECT hour FROM usage')).toHaveLength(1);
  });
});

describe('the daily cap', () => {
  it.concurrent('is what the plan gives, or what the owner sets within it', async ({ expect }) => {
    const { account, id } = await activeModel();
    expect((await usageOf(account, id)).cap).toMatchObject({ daily_cap: PLANS.trial.daily, on_cap: 'refuse', used: 0 });
    const set = await account.api.patchModel(id, { cap: { daily_cap: 100 } });
    expect(set).toMatchObject({ ok: true, model: { pipeline: { daily_cap: 100, on_cap: 'refuse' } } });
    for (const daily_cap of [0, 1.5, -1, PLANS.trial.daily_most + 1]) {
      expect(await account.api.patchModel(id, { cap: { daily_cap } })).toMatchObject({ code: 'invalid_input' });
    }
    const back = await account.api.patchModel(id, { cap: { daily_cap: null } });
    expect(back).toMatchObject({ ok: true, model: { pipeline: { daily_cap: PLANS.trial.daily } } });
    expect(await account.api.patchModel('model_none', { cap: { daily_cap: 1 } })).toMatchObject({
      code: 'model_not_found',
    });
  });

  it.concurrent('can be raised the same day', async ({ expect }) => {
    const { account, id, secret } = await activeModel();
    await account.api.patchModel(id, { cap: { daily_cap: 10 } });
    await report(account, id, [answered(10)]);
    await expect.poll(() => lab.kv(secret), { timeout: 3000 }).toHaveProperty('limited_until');
    const raised = await account.api.patchModel(id, { cap: { daily_cap: 20 } });
    expect(raised).toMatchObject({ ok: true, forget: [secret] });
    expect(raised.ok && raised.model.pipeline).not.toHaveProperty('limited_until');
    await expect.poll(() => lab.kv(secret), { timeout: 3000 }).not.toHaveProperty('limited_until');
    expect(await report(account, id, [answered(10)])).toMatchObject([{ left: 0 }]);
    await expect.poll(() => lab.kv(secret), { timeout: 3000 }).toHaveProperty('limited_until');
  });

  it.concurrent('does not pause twice a day, and does not touch what is off', async ({ expect }) => {
    const { account, id, secret } = await activeModel();
    await account.api.patchModel(id, { cap: { daily_cap: 10, on_cap: 'pause' } });
    await report(account, id, [answered(10)]);
    await account.activated(id);
    expect(await lab.kv(secret)).toHaveProperty('limited_until');
    await report(account, id, [answered(1)]);
    expect((await account.until(id, () => true)).pipeline).toMatchObject({ status: 'active' });
    await account.api.deactivate(id);
    await account.api.patchModel(id, { cap: { daily_cap: 5 } });
    await report(account, id, [answered(1)]);
    const { pipeline } = await account.until(id, () => true);
    expect(pipeline).toMatchObject({ status: 'inactive' });
    expect(pipeline).not.toHaveProperty('reason');
  });

  it.concurrent('holds for the tutorial, which never pauses', async ({ expect }) => {
    const account = await lab.createAccount();
    const tutorial = 'model_tutorial';
    expect(await account.api.patchModel(tutorial, { cap: { on_cap: 'pause' } })).toMatchObject({
      code: 'tutorial_always_active',
    });
    expect(await account.api.patchModel(tutorial, { name: 'x', cap: { daily_cap: 5 } })).toMatchObject({ ok: false });
    expect(await account.api.patchModel(tutorial, { cap: { daily_cap: 5 } })).toMatchObject({ ok: true });
    await report(account, tutorial, [answered(5)]);
    const secret = await account.secretOf(tutorial);
    await expect.poll(() => lab.kv(secret), { timeout: 3000 }).toMatchObject({ state: 'active', daily_cap: 5 });
    await expect.poll(() => lab.kv(secret), { timeout: 3000 }).toHaveProperty('limited_until');
  });

  it('is reached by several isolates together, said in KV, and over the next day without anybody doing anything', async () => {
    const { account, id, secret } = await activeModel();
    await account.api.patchModel(id, { cap: { daily_cap: 100 } });
    expect(await report(account, id, [answered(40)])).toMatchObject([{ left: 60 }]);
    expect(await report(account, id, [answered(59)])).toMatchObject([{ left: 1 }]);
    await expect.poll(() => lab.kv(secret)).toMatchObject({ daily_cap: 100 });
    expect(await lab.kv(secret)).not.toHaveProperty('limited_until');
    // Refused calls cost nothing.
    await report(account, id, [answered(500, { outcome: 'daily_limit', predictions: 0, counted: 0 })]);
    expect(await report(account, id, [answered(5)])).toMatchObject([{ left: -4 }]);
    const midnight = (Math.floor(Date.now() / DAY_MS) + 1) * DAY_MS;
    await expect
      .poll(() => lab.kv(secret), { timeout: 3000 })
      .toMatchObject({ state: 'active', limited_until: midnight });
    const { pipeline } = await account.until(id, () => true);
    expect(pipeline).toMatchObject({ status: 'active', limited_until: new Date(midnight).toISOString() });
    expect((await usageOf(account, id)).cap).toMatchObject({ used: 104, left: 0, daily_cap: 100 });

    await tomorrow();
    const next = await account.until(id, () => true);
    expect(next.pipeline).not.toHaveProperty('limited_until');
    const hour = toHour(Date.now() + DAY_MS);
    // A late report of yesterday does not count for today.
    expect(await report(account, id, [answered(50), answered(10, { hour })])).toMatchObject([{ left: 90 }]);
    expect((await usageOf(account, id)).cap).toMatchObject({ used: 10, left: 90 });
    const events = await account.api.listEvents(id);
    expect(events.ok && events.events.filter(({ event }) => event === 'daily_cap_reached')).toHaveLength(1);
  });

  it('is known to KV in the end, whatever dies in between', async () => {
    const { account, id, secret } = await activeModel();
    await account.api.patchModel(id, { cap: { daily_cap: 10 } });
    await expect.poll(() => lab.kv(secret), { timeout: 3000 }).toMatchObject({ daily_cap: 10 });
    await lab.fault({ abort: 'before' });
    await report(account, id, [answered(10)]).catch(() => undefined);
    await expect.poll(() => lab.kv(secret), { timeout: 5000 }).toHaveProperty('limited_until');
    expect((await usageOf(account, id)).cap.used).toBe(10);
  });

  it('pauses where the owner wishes it, says why, and nothing but the owner switches it on again', async () => {
    const { account, id, secret } = await activeModel();
    await account.api.patchModel(id, { cap: { daily_cap: 10, on_cap: 'pause' } });
    await report(account, id, [answered(11)]);
    const paused = await account.until(id, ({ pipeline }) => pipeline.status === 'inactive');
    expect(paused.pipeline.reason).toBe('Paused: The daily cap of 10 predictions was reached.');
    await expect.poll(() => lab.kv(secret), { timeout: 3000 }).toMatchObject({ state: 'inactive' });
    await report(account, id, [answered(1)]);
    await tomorrow();
    await report(account, id, [answered(1, { hour: toHour(Date.now() + DAY_MS) })]);
    await account.restart();
    expect((await account.until(id, () => true)).pipeline.status).toBe('inactive');
    await lab.fault({});
    const active = await account.activated(id);
    expect(active.pipeline).not.toHaveProperty('reason');
    expect(await lab.kv(secret)).toMatchObject({ state: 'active' });
  });

  it('cancels a version on its way where it pauses', async () => {
    const { account, id, secret } = await activeModel();
    await account.api.patchModel(id, { cap: { daily_cap: 10, on_cap: 'pause' } });
    await account.api.addVersion(id, toModel('', 'second'));
    await lab.fault({ checkMs: 300 });
    await account.api.activate(id, 2);
    await report(account, id, [answered(10)]);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect((await account.until(id, () => true)).pipeline).toMatchObject({ status: 'inactive', version: 1 });
    await expect.poll(() => lab.kv(secret), { timeout: 3000 }).toMatchObject({ state: 'inactive' });
  });
});

describe('pages', () => {
  const page = (origin: string | null, more: Partial<PageCount> = {}): PageCount => ({
    rotation: 0,
    origin,
    calls: 1,
    last_at: Date.now(),
    ...more,
  });

  it('are listed with how often and when last, and are forgotten with the secret they called', async () => {
    const { account, id } = await activeModel();
    const at = Date.now();
    await report(account, id, [], { pages: [page('example.org', { calls: 2, last_at: at - 5000 })] });
    await report(account, id, [], { pages: [page('example.org', { last_at: at }), page('b.example')] });
    const { page_calls } = await account.until(id, () => true);
    expect(page_calls).toMatchObject({ calls: 4, origins: [{}, {}] });
    expect(page_calls.origins.find(({ origin }) => origin === 'example.org')).toEqual({
      origin: 'example.org',
      calls: 3,
      first_at: new Date(at - 5000).toISOString(),
      last_at: new Date(at).toISOString(),
    });
    await account.api.rotateSecret(id, 3600);
    // Those that still call the old URL.
    await report(account, id, [], { pages: [page('example.org')] });
    expect((await usageOf(account, id)).page_calls).toEqual({ calls: 0, last_at: null, origins: [] });
    await report(account, id, [], { pages: [page('c.example', { rotation: 1 })] });
    expect((await usageOf(account, id)).page_calls.origins).toMatchObject([{ origin: 'c.example' }]);
  });

  it('are so many at most, and forgotten after a week', async () => {
    const { account, id } = await activeModel();
    for (let i = 0; i < 3; i += 1) {
      const pages = Array.from({ length: 15 }, (_, n) => page(`host-${i}-${n}.example`));
      await report(account, id, [], { pages: [...pages, page(null)] });
    }
    const { page_calls } = await usageOf(account, id);
    expect(page_calls.origins.filter(({ origin }) => origin !== null)).toHaveLength(LIMITS.PAGE_ORIGINS);
    expect(page_calls.calls).toBe(48);
    await lab.fault({ aheadMs: (LIMITS.PAGE_DAYS + 1) * DAY_MS });
    expect((await usageOf(account, id)).page_calls.calls).toBe(0);
    await report(account, id, [], { pages: [page('new.example', { last_at: Date.now() + 8 * DAY_MS })] });
    expect(await account.query('SELECT origin FROM page_calls')).toEqual([{ origin: 'new.example' }]);
  });
});

describe('an old URL in its grace', () => {
  async function rotated(account: TestAccount, id: string, grace = 0): Promise<string> {
    const changed = await account.api.rotateSecret(id, grace);
    if (!changed.ok) throw new Error(changed.message);
    return changed.model.pipeline.secret ?? '';
  }

  it.concurrent('serves beside the new one, and is not found from then on', async ({ expect }) => {
    const { account, id, secret: old } = await activeModel();
    const fresh = await rotated(account, id, 2);
    const { pipeline } = await account.until(id, () => true);
    expect(Date.parse(pipeline.old_url_until ?? '') - Date.now()).toBeGreaterThan(500);
    await expect.poll(() => lab.kv(old), { timeout: 1500 }).toHaveProperty('expires_at');
    expect(await lab.read(old)).toMatchObject({ state: 'active', rotation: 0 });
    expect(await lab.read(fresh)).toMatchObject({ state: 'active', rotation: 1 });
    expect(await lab.read(fresh)).not.toHaveProperty('expires_at');
    await expect.poll(() => lab.read(old), { timeout: 4000 }).toEqual({ code: 'pipeline_not_found' });
    await expect.poll(() => lab.kv(old), { timeout: 4000 }).toBe(null);
    expect(await account.query(`SELECT old_secret, old_until FROM pipelines WHERE model_id = '${id}'`)).toEqual([
      { old_secret: null, old_until: null },
    ]);
    expect((await account.until(id, () => true)).pipeline).not.toHaveProperty('old_url_until');
    expect(await lab.read(fresh)).toMatchObject({ state: 'active' });
  });

  it.concurrent('serves the version that is live, and goes off with the pipeline', async ({ expect }) => {
    const { account, id, secret: old } = await activeModel();
    const fresh = await rotated(account, id, 3600);
    await account.api.addVersion(id, toModel('', 'second'));
    await account.activated(id, 2);
    for (const secret of [old, fresh]) {
      await expect.poll(() => lab.kv(secret), { timeout: 3000 }).toMatchObject({ state: 'active', version: 2 });
    }
    const off = await account.api.deactivate(id);
    expect(off).toMatchObject({ ok: true, forget: [fresh, old] });
    for (const secret of [old, fresh]) {
      await expect.poll(() => lab.kv(secret), { timeout: 3000 }).toMatchObject({ state: 'inactive' });
    }
    await account.activated(id);
    for (const secret of [old, fresh]) {
      await expect.poll(() => lab.kv(secret), { timeout: 3000 }).toMatchObject({ state: 'active' });
    }
    await account.api.deactivate(id);
    expect(await account.api.deleteModel(id)).toMatchObject({ ok: true, forget: [fresh, old] });
    for (const secret of [old, fresh]) await expect.poll(() => lab.kv(secret), { timeout: 3000 }).toBe(null);
  });

  it.concurrent('is one at most: another rotation ends the first', async ({ expect }) => {
    const { account, id, secret: first } = await activeModel();
    const second = await rotated(account, id, 3600);
    const third = await rotated(account, id, 3600);
    await expect.poll(() => lab.kv(first), { timeout: 3000 }).toBe(null);
    await expect.poll(() => lab.kv(second), { timeout: 3000 }).toHaveProperty('expires_at');
    expect(await lab.read(second)).toMatchObject({ rotation: 1 });
    expect(await lab.read(third)).toMatchObject({ rotation: 2 });
    const fourth = await rotated(account, id);
    for (const dead of [second, third]) await expect.poll(() => lab.kv(dead), { timeout: 3000 }).toBe(null);
    expect(await lab.kv(fourth)).toMatchObject({ state: 'active' });
    expect(await account.query(`SELECT old_secret FROM pipelines WHERE model_id = '${id}'`)).toEqual([
      { old_secret: null },
    ]);
  });

  it.concurrent('is bounded, and there for the tutorial as well', async ({ expect }) => {
    const account = await lab.createAccount();
    for (const grace of [-1, 0.5, LIMITS.ROTATE_GRACE_SECONDS + 1]) {
      expect(await account.api.rotateSecret('model_tutorial', grace)).toMatchObject({ code: 'invalid_input' });
    }
    const old = await account.secretOf('model_tutorial');
    const fresh = await rotated(account, 'model_tutorial', 3600);
    for (const secret of [old, fresh]) {
      await expect.poll(() => lab.read(secret), { timeout: 3000 }).toMatchObject({ state: 'active' });
    }
  });

  it('ends in time where KV is stale, and after restarts', async () => {
    const { account, id, secret: old } = await activeModel();
    await rotated(account, id, 2);
    await expect.poll(() => lab.kv(old), { timeout: 1500 }).toHaveProperty('expires_at');
    await account.restart();
    expect(await lab.read(old)).toMatchObject({ state: 'active' });
    // KV takes nothing: what it holds says "active".
    await lab.fault({ failUntil: Date.now() + 2500 });
    await expect.poll(() => lab.read(old), { timeout: 4000 }).toEqual({ code: 'pipeline_not_found' });
    expect(await lab.kv(old)).toMatchObject({ state: 'active' });
    expect(await lab.call(account.id, 'findRecord', await toDigest(old))).toBe(null);
    await account.restart();
    await expect.poll(() => lab.kv(old), { timeout: 10_000 }).toBe(null);
  });
});
