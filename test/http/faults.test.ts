// The built Worker in a process of its own: with a KV that is down, silent, behind or corrupt, and killed under load. What is
// in memory goes on, what was switched off stays off, what cannot be known is said to be so, and nothing acknowledged is lost.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Model } from '../../worker/contract.ts';
import { LIMITS } from '../../worker/limits.ts';
import { modelKey, pipelineKey } from '../../worker/registry/records.ts';
import { toDigest } from '../../worker/registry/secret.ts';
import { STEP, toShiftModel } from '../soak/models.ts';
import { createOwner, type Owner, toForm } from '../support/owner.ts';
import { type Stand, startStand } from '../support/stand.ts';

let stand: Stand;
let owner: Owner;
let number = 0;
beforeAll(async () => {
  stand = await startStand();
  owner = await createOwner(stand, 'standard');
});
afterEach(async () => {
  stand.kv.faults = {};
  await stand.setAhead(0);
});
afterAll(() => stand.dispose());

interface Live {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
  readonly key: string;
  /** What ?x=1 is answered. */
  readonly prediction: number;
  readonly digest: string;
}

async function deploy(): Promise<Live> {
  number += 1;
  const model = toShiftModel(number);
  const added = await owner.add({ model, label: 'y', name: `Model ${number}` });
  const { pipeline, versions } = await owner.activate(added.id);
  const url = pipeline.url ?? '';
  const secret = url.slice(url.lastIndexOf('/') + 1);
  const key = pipelineKey(await toDigest(secret));
  return { id: added.id, url, secret, key, prediction: number * STEP + 1, digest: versions[0]?.digest ?? '' };
}

/** @returns the prediction, or the code of the error; 503 says when to try again. */
async function call({ url }: { readonly url: string }): Promise<unknown> {
  const response = await fetch(`${url}?x=1`);
  if (response.status === 503) expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0);
  const body = (await response.json()) as { prediction?: number; code?: string };
  return body.prediction ?? body.code;
}

async function restart(): Promise<void> {
  await stand.kill();
  await stand.start();
}

it.each([
  ['is down', { down: true }],
  ['is silent', { silent: true }],
])('goes on with what is in memory while KV %s, and says that it does not know the rest', async (_, faults) => {
  const [warm, off, cold] = [await deploy(), await deploy(), await deploy()];
  for (const live of [warm, off]) expect(await call(live)).toBe(live.prediction);
  stand.kv.faults = faults;
  // Far past what an isolate remembers.
  for (let minutes = 1; minutes <= 3; minutes += 1) {
    await stand.setAhead(minutes * 60_000);
    expect(await call(warm)).toBe(warm.prediction);
  }
  expect((await owner.call('POST', `/v1/models/${off.id}/deactivate`)).status).toBe(200);
  expect(await call(off)).toBe('pipeline_inactive');
  expect(await call(cold)).toBe('model_unavailable');
  stand.kv.faults = {};
  expect(await call(cold)).toBe(cold.prediction);
});

it.each([
  ['deactivate', 'pipeline_inactive'],
  ['rotate', 'pipeline_not_found'],
])('does not bring back what was switched off (%s), however long KV is behind', async (operation, code) => {
  const live = await deploy();
  expect(await call(live)).toBe(live.prediction);
  const before = stand.kv.get(live.key) ?? new Uint8Array();
  await owner.call('POST', `/v1/models/${live.id}/${operation}`);
  await expect.poll(() => stand.kv.get(live.key)?.toString() === before.toString(), { timeout: 5000 }).toBe(false);
  const after = stand.kv.get(live.key);
  stand.kv.put(live.key, before);
  for (let seconds = 0; seconds <= 4 * LIMITS.DOUBT_SECONDS; seconds += LIMITS.DOUBT_SECONDS / 2 + 1) {
    await stand.setAhead(seconds * 1000);
    expect(await call(live)).toBe(code);
  }
  // An isolate that knows of nothing believes KV, and no longer than it remembers once KV is right.
  await restart();
  expect(await call(live)).toBe(live.prediction);
  if (after === null) stand.kv.remove(live.key);
  else stand.kv.put(live.key, after);
  await stand.setAhead(LIMITS.PIPELINE_CACHE_SECONDS * 1000);
  expect(await call(live)).toBe(code);
});

it.each(['flip', 'cut', 'longer'] as const)(
  'answers nothing from a model whose bytes are wrong (%s), until they are right',
  async (corrupt) => {
    const live = await deploy();
    const logged = stand.logs.length;
    await restart();
    stand.kv.faults = { corrupt };
    for (let i = 0; i < 3; i += 1) expect(await call(live)).toBe('model_unavailable');
    // It rests: each try would read it all.
    expect(stand.kv.counts.corrupt).toBe(['flip', 'cut', 'longer'].indexOf(corrupt) + 1);
    const log = stand.logs.slice(logged).join('');
    expect(log).toContain('model_unavailable CorruptModel');
    for (const secret of [live.secret, owner.token, 'http']) expect(log).not.toContain(secret);
    stand.kv.faults = {};
    await stand.setAhead(LIMITS.UNAVAILABLE_RETRY_SECONDS * 1000);
    expect(await call(live)).toBe(live.prediction);
  },
);

it('heals a model in storage when its owner deletes it and uploads it again', async () => {
  const live = await deploy();
  const bytes = stand.kv.get(modelKey(live.digest)) ?? new Uint8Array();
  stand.kv.put(modelKey(live.digest), bytes.slice(1));
  await restart();
  expect(await call(live)).toBe('model_unavailable');
  await owner.call('POST', `/v1/models/${live.id}/deactivate`);
  expect((await owner.call('DELETE', `/v1/models/${live.id}`)).status).toBe(204);
  const again = await owner.add({ model: toShiftModel(number), label: 'y', name: 'again' });
  await restart();
  expect(await call(await owner.activate(again.id).then(({ pipeline }) => ({ url: pipeline.url ?? '' })))).toBe(
    live.prediction,
  );
});

it('says 503 and not 500 of a call whose account object ends in the middle of it', async () => {
  const { id } = await deploy();
  const accountId = (await owner.call<{ id: string }>('GET', '/v1/account')).body.id;
  const statuses = new Set<number>();
  for (let i = 0; i < 200 && !statuses.has(503); i += 1) {
    const calls = Array.from({ length: 5 }, () => owner.call('PATCH', `/v1/models/${id}`, { name: `name ${i}` }));
    await stand.abort(accountId);
    for (const { status } of await Promise.all(calls)) statuses.add(status);
  }
  expect([...statuses].sort()).toEqual([200, 503]);
});

it('loses nothing that it acknowledged when it is killed under load', async () => {
  const live = await deploy();
  const names = new Map<string, string>();
  const answers = new Set<unknown>();
  let isOver = false;
  const until = async (work: () => Promise<void>) => {
    // What is broken off was not acknowledged.
    while (!isOver) await work().catch(() => new Promise((resolve) => setTimeout(resolve, 20)));
  };
  const upload = async () => {
    number += 1;
    const name = `Loaded ${number}`;
    const form = toForm({ model: toShiftModel(number), label: 'y', name });
    const { status, body } = await owner.call<Model>('POST', '/v1/models', form);
    if (status === 201) names.set(body.id, name);
    const renamed = await owner.call('PATCH', `/v1/models/${body.id}`, { name: `${name}, renamed` });
    if (renamed.status === 200) names.set(body.id, `${name}, renamed`);
  };
  const load = [
    ...Array.from({ length: 4 }, () => until(upload)),
    ...Array.from({ length: 4 }, () => until(async () => void answers.add(await call(live)))),
  ];
  for (let kills = 0; kills < 3; kills += 1) {
    const before = names.size;
    await expect.poll(() => names.size, { timeout: 20_000 }).toBeGreaterThan(before + 5);
    await restart();
  }
  isOver = true;
  await Promise.all(load);
  expect([...answers]).toEqual([live.prediction]);
  for (const [id, name] of names) {
    // A rename that was not acknowledged may have happened.
    const shown = await owner.call<Model>('GET', `/v1/models/${id}`);
    expect(shown.body.name).toMatch(new RegExp(`^${name}(, renamed)?$`));
  }
  expect(names.size).toBeGreaterThan(15);
});
