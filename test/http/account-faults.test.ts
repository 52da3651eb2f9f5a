// The account object in workerd: what it promises when KV fails, and when it is restarted at any step.
import { it as base, describe } from 'vitest';
import { toDigest } from '../../worker/registry/secret.ts';
import { hasStatus, type Lab, startLab } from '../support/account-lab.ts';

/** A lab for each: the faults of one are not another's, and they wait at the same time. */
const it = base.extend<{ lab: Lab }>({
  lab: async ({ task: _ }, use) => {
    const lab = await startLab();
    await use(lab);
    await lab.dispose();
  },
});

describe('when KV fails', () => {
  it.concurrent.for([1, 3])('%i times: it is active by itself afterwards', async (times, { expect, lab }) => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await lab.fault({ failWrites: times });
    await account.api.activate(id);
    const late = await account.until(id, ({ pipeline }) => pipeline.reason !== undefined);
    expect(late.pipeline).toMatchObject({ status: 'deploying', secret: null });
    expect(late.pipeline.reason).toContain('Storage');
    expect(late.pipeline.reason).not.toContain('500');
    const model = await account.until(id, hasStatus('active'), 20_000);
    expect(model.pipeline.reason).toBe(undefined);
    expect(await lab.kv(model.pipeline.secret ?? '')).toMatchObject({ state: 'active' });
  });

  it.concurrent('for ten seconds: honest meanwhile, active soon afterwards', async ({ expect, lab }) => {
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
    const model = await account.until(id, hasStatus('active'), 12_000);
    expect(await lab.kv(model.pipeline.secret ?? '')).toMatchObject({ state: 'active' });
  });

  it.concurrent('writes a key at most once a second, and the last state in the end', async ({ expect, lab }) => {
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

  it.concurrent('deactivation is decided at once and reaches KV later', async ({ expect, lab }) => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await account.activated(id);
    const secret = await account.secretOf(id);
    await lab.fault({ failUntil: Date.now() + 2500 });
    expect(await account.api.deactivate(id)).toMatchObject({ ok: true, model: { pipeline: { status: 'inactive' } } });
    await expect.poll(async () => (await lab.kv(secret))?.state, { timeout: 10_000 }).toBe('inactive');
  });

  it.concurrent('rotation shows no URL that KV does not know', async ({ expect, lab }) => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await account.activated(id);
    const old = await account.secretOf(id);
    await lab.fault({ failUntil: Date.now() + 4000 });
    const rotated = await account.api.rotateSecret(id);
    expect(rotated.ok && rotated.model.pipeline).toMatchObject({ status: 'deploying', secret: null });
    const model = await account.until(id, hasStatus('active'));
    expect(await lab.kv(model.pipeline.secret ?? '')).toMatchObject({ state: 'active' });
    await expect.poll(() => lab.kv(old), { timeout: 10_000 }).toBe(null);
  });
});

describe('when it is restarted', () => {
  it.concurrent('in the middle of a rotation, the old URL dies by itself', async ({ expect, lab }) => {
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

  it.concurrent.for(['before', 'after'] as const)(
    '%s the write of a record, it is active by itself',
    async (abort, { expect, lab }) => {
      const account = await lab.createAccount();
      const { id } = await account.add();
      await lab.fault({ abort });
      await account.api.activate(id).catch(() => undefined);
      // Nobody asks it anything: its alarm alone wakes it.
      await expect
        .poll(async () => (await lab.log()).log.filter(({ value }) => value?.includes(id)).length, { timeout: 20_000 })
        .toBeGreaterThan(1);
      const model = await account.until(id, hasStatus('active'), 20_000);
      expect(await lab.kv(model.pipeline.secret ?? '')).toMatchObject({ state: 'active' });
    },
  );

  it.concurrent('between decision and check, nothing is lost', async ({ expect, lab }) => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await lab.fault({ checkMs: 500 });
    await account.api.activate(id);
    await account.restart();
    const model = await account.until(id, hasStatus('active'), 20_000);
    expect(await lab.kv(model.pipeline.secret ?? '')).toMatchObject({ state: 'active' });
  });

  it.concurrent('a model that kills the isolate fails after three starts', async ({ expect, lab }) => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await lab.fault({ check: 'die' });
    await account.api.activate(id).catch(() => undefined);
    const model = await account.until(id, hasStatus('failed'), 40_000);
    expect(model.pipeline.reason).toContain('3 times');
  });

  it.concurrent('a check that throws is tried again, and fails in the end', async ({ expect, lab }) => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await lab.fault({ check: 'throw' });
    await account.api.activate(id);
    const model = await account.until(id, hasStatus('failed'), 20_000);
    expect(model.pipeline.reason).toContain('never came to an end');
  });

  it.concurrent('a check that storage kept from ending goes on until it can', async ({ expect, lab }) => {
    const account = await lab.createAccount();
    const { id } = await account.add();
    await lab.fault({ check: { ok: false, retry: true, reason: 'Storage does not answer.' } });
    await account.api.activate(id);
    const model = await account.until(id, ({ pipeline }) => pipeline.reason !== undefined);
    expect(model.pipeline).toMatchObject({ status: 'deploying' });
    await lab.fault({});
    await account.until(id, hasStatus('active'));
  });
});
