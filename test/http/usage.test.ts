// Usage, cap, rate and leaks over real HTTP: what an owner reads equals the calls that were made, a cap and a rate are
// held with 429 and Retry-After, a page's calls are told with their origin, and an old URL serves for its grace.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Model, Usage } from '../../worker/contract.ts';
import { LIMITS } from '../../worker/limits.ts';
import { ROOT } from '../support/build.ts';
import { callApi, createOwner, type Owner } from '../support/owner.ts';
import { ADMIN_TOKEN, startWorker, type TestWorker } from '../support/worker.ts';

const QUERY = '?sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0';
const ROW = { sepalLength: 1, sepalWidth: 1, petalLength: 1.5, petalWidth: 2 };
const HEADER = 'sepalLength,sepalWidth,petalLength,petalWidth';
/** A report is a second behind, and ten where there was one just now. */
const SOON = { timeout: LIMITS.USAGE_INTERVAL_MS + 2000, interval: 100 };

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
afterAll(() => worker.dispose());

async function createModel(): Promise<{ owner: Owner; id: string; url: string }> {
  const owner = await createOwner(worker);
  const model = readFileSync(join(ROOT, 'worker/tutorial/iris.onnx'));
  const csv = readFileSync(join(ROOT, 'worker/tutorial/iris.csv'));
  const { id } = await owner.add({ model, csv, label: 'species', name: 'Irises' });
  const { pipeline } = await owner.activate(id);
  return { owner, id, url: pipeline.url ?? '' };
}

async function usageOf(owner: Owner, id: string): Promise<Usage> {
  const { status, body } = await owner.call<Usage>('GET', `/v1/models/${id}/usage`);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body;
}

async function statusOf(url: string, init?: RequestInit): Promise<number> {
  const response = await fetch(url, init);
  await response.text();
  return response.status;
}

const post = (type: string, body: string): RequestInit => ({ method: 'POST', headers: { 'Content-Type': type }, body });

describe('usage', () => {
  it('equals the calls that were made', async () => {
    const { owner, id, url } = await createModel();
    for (let i = 0; i < 5; i += 1) expect(await statusOf(url + QUERY)).toBe(200);
    expect(await statusOf(url, post('application/json', JSON.stringify(new Array(7).fill(ROW))))).toBe(200);
    expect(await statusOf(url, post('text/csv', `${HEADER}\n${'1,1,1.5,2\n'.repeat(3000)}`))).toBe(200);
    expect(await statusOf(url)).toBe(400);
    expect(await statusOf(`${url}/schema`)).toBe(200);
    expect(await statusOf(url + QUERY, { method: 'DELETE' })).toBe(405);
    expect(await statusOf(url + QUERY, { headers: { Accept: 'image/png' } })).toBe(406);
    expect(await statusOf(url + QUERY, { headers: { Origin: 'https://shop.example' } })).toBe(403);
    const calls = async () => (await usageOf(owner, id)).hours.reduce((sum, hour) => sum + hour.calls, 0);
    await expect.poll(calls, SOON).toBe(12);
    const usage = await usageOf(owner, id);
    expect(usage.codes).toEqual({
      ok: 8,
      missing_features: 1,
      method_not_allowed: 1,
      not_acceptable: 1,
      browser_call: 1,
    });
    // Rows, and one for each call that was answered without one.
    expect(usage.cap).toMatchObject({ daily_cap: 1_000_000, on_cap: 'refuse', used: 5 + 7 + 3000 + 1 + 3 });
    const statuses = usage.hours.map((hour) => hour.statuses[200] ?? 0).reduce((sum, n) => sum + n, 0);
    expect(statuses).toBe(8);
    expect(usage.hours.reduce((sum, hour) => sum + hour.predictions, 0)).toBe(5 + 7 + 3000);
    const { body } = await owner.call<Model>('GET', `/v1/models/${id}`);
    expect(body.page_calls).toMatchObject({ calls: 1, origins: [{ origin: 'shop.example', calls: 1 }] });
  });

  it('tells which pages called, and takes no lies for names', async () => {
    const { owner, id, url } = await createModel();
    const hostile = [
      'null',
      'javascript:alert(1)',
      '<img src=x onerror=alert(1)>',
      `https://${'a'.repeat(300)}.example`,
      `https://x.example/${'a'.repeat(4000)}`,
      'https://a b.example',
      '__proto__',
      'https://__proto__',
    ];
    for (const origin of hostile) expect(await statusOf(url + QUERY, { headers: { Origin: origin } })).toBe(403);
    for (let i = 0; i < LIMITS.PAGE_ORIGINS + 5; i += 1) {
      await statusOf(url + QUERY, { headers: { Origin: `https://page-${i}.example` } });
    }
    // A preflight, and an image on a page.
    expect(await statusOf(url, { method: 'OPTIONS', headers: { Origin: 'https://page-0.example' } })).toBe(403);
    const image = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' };
    expect(await statusOf(url + QUERY, { headers: { ...image, Referer: 'https://page-0.example/secret' } })).toBe(403);
    const made = hostile.length + LIMITS.PAGE_ORIGINS + 5 + 2;
    await expect.poll(async () => (await usageOf(owner, id)).page_calls.calls, SOON).toBe(made);
    const { page_calls, codes, cap } = await usageOf(owner, id);
    expect(codes).toEqual({ browser_call: made });
    expect(cap.used).toBe(0);
    const named = page_calls.origins.filter(({ origin }) => origin !== null);
    expect(named).toHaveLength(LIMITS.PAGE_ORIGINS);
    for (const { origin } of named) expect(origin).toMatch(/^[a-z0-9_.:[\]-]{1,100}$/);
    expect(named.find(({ origin }) => origin === 'page-0.example')?.calls).toBe(3);
    expect(JSON.stringify(page_calls)).not.toMatch(/secret|alert|script/);
  });
});

describe('the daily cap', () => {
  it('refuses with 429 until midnight, also what is streamed, and goes on once it is raised', async () => {
    const { owner, id, url } = await createModel();
    const set = await owner.call<Model>('PATCH', `/v1/models/${id}`, { daily_cap: 20 });
    expect(set.body.pipeline).toMatchObject({ daily_cap: 20, on_cap: 'refuse' });
    // Another isolate has served as well. (Miniflare's own types come from another version of the runtime's.)
    const namespace = (await worker.miniflare.getDurableObjectNamespace(
      'ACCOUNTS',
    )) as unknown as DurableObjectNamespace;
    const { body: account } = await owner.call<{ id: string }>('GET', '/v1/account');
    const object = namespace.get(namespace.idFromName(account.id)) as unknown as {
      addUsage(report: object): Promise<unknown>;
    };
    const hour = Math.floor(Date.now() / 3_600_000);
    const hours = [{ hour, outcome: 'ok', calls: 15, predictions: 15, counted: 15 }];
    await object.addUsage({ id: 'other', pipelines: [{ model_id: id, hours, pages: [] }] });

    const statuses: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      statuses.push(await statusOf(url + QUERY));
      // Time for a report: what the others have used up is known after the first.
      if (i === 0) await new Promise((resolve) => setTimeout(resolve, LIMITS.USAGE_FIRST_MS + 500));
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429, 429, 429]);
    const refused = await fetch(url + QUERY);
    expect(refused.headers.get('Cache-Control')).toBe('no-store');
    const seconds = Number(refused.headers.get('Retry-After'));
    expect(Math.abs(seconds - (86_400 - ((Date.now() / 1000) % 86_400)))).toBeLessThan(5);
    expect(await refused.json()).toMatchObject({ code: 'daily_limit', error: 'api request failure' });
    for (const path of ['/schema', '/openapi.json']) expect(await statusOf(url + path)).toBe(429);

    const raised = await owner.call<Model>('PATCH', `/v1/models/${id}`, { daily_cap: 3000 });
    expect(raised.body.pipeline.limited_until).toBeUndefined();
    expect(await statusOf(url + QUERY)).toBe(200);
    const stream = await fetch(url, post('text/csv', `${HEADER}\n${'1,1,1.5,2\n'.repeat(20_000)}`));
    // It ends with an honest error, near the cap.
    const text = await stream.text();
    expect(text).toContain('daily_limit');
    expect(text.match(/prediction/g)?.length).toBeLessThan(3000 + 2 * LIMITS.CHUNK_ROWS);
  });

  it('pauses where the owner wishes it', async () => {
    const { owner, id, url } = await createModel();
    const set = await owner.call<Model>('PATCH', `/v1/models/${id}`, { daily_cap: 3, on_cap: 'pause' });
    expect(set.body.pipeline).toMatchObject({ daily_cap: 3, on_cap: 'pause' });
    for (let i = 0; i < 3; i += 1) expect(await statusOf(url + QUERY)).toBe(200);
    const pipeline = async () => (await owner.call<Model>('GET', `/v1/models/${id}`)).body.pipeline;
    await expect.poll(pipeline, SOON).toMatchObject({ status: 'inactive', reason: expect.stringMatching(/daily cap/) });
    expect([403, 429]).toContain(await statusOf(url + QUERY));
    const back = await owner.activate(id);
    expect(back.pipeline).toMatchObject({ status: 'active', url });
    expect(await statusOf(url + QUERY)).toBe(429);
  });

  it('is set by who owns the model alone, and says what is wrong', async () => {
    const { owner, id } = await createModel();
    const patch = (body: object, path = id) => owner.call('PATCH', `/v1/models/${path}`, body);
    for (const daily_cap of [0, 1.5, '5', 1_000_001]) {
      expect(await patch({ daily_cap })).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    }
    expect(await patch({ on_cap: 'explode' })).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    expect(await patch({ on_cap: 'pause' }, 'model_tutorial')).toMatchObject({ status: 409 });
    expect(await patch({ daily_cap: 10 }, 'model_tutorial')).toMatchObject({ status: 200 });
    expect(await patch({ daily_cap: null }, 'model_tutorial')).toMatchObject({
      body: { pipeline: { daily_cap: 1_000_000 } },
    });
    const stranger = await createOwner(worker);
    const rotated = await createOwner(worker);
    await rotated.call('POST', '/v1/account/token');
    for (const [method, path, body] of [
      ['GET', `/v1/models/${id}/usage`, undefined],
      ['PATCH', `/v1/models/${id}`, { daily_cap: 1 }],
      ['POST', `/v1/models/${id}/rotate`, { grace_seconds: 60 }],
    ] as const) {
      expect((await stranger.call(method, path, body)).body).toMatchObject({ code: 'model_not_found' });
      for (const token of [null, rotated.token, ADMIN_TOKEN, `${owner.token}x`]) {
        expect((await callApi(worker, token, method, path, body)).status).toBe(401);
      }
    }
    expect((await owner.call('GET', '/v1/models/model_none/usage')).status).toBe(404);
  });
});

describe('rotation with grace', () => {
  it('keeps the old URL for so long, and deactivation ends both', async () => {
    const { owner, id, url: old } = await createModel();
    const rotate = (body?: object) => owner.call<Model>('POST', `/v1/models/${id}/rotate`, body);
    const { pipeline } = (await rotate({ grace_seconds: 2 })).body;
    expect(Date.parse(pipeline.old_url_until ?? '')).toBeGreaterThan(Date.now());
    expect(await statusOf((pipeline.url ?? '') + QUERY)).toBe(200);
    expect(await statusOf(old + QUERY)).toBe(200);
    await expect.poll(() => statusOf(old + QUERY), { timeout: 4000, interval: 100 }).toBe(404);
    expect(await statusOf((pipeline.url ?? '') + QUERY)).toBe(200);

    const { body: again } = await rotate({ grace_seconds: 3600 });
    const urls = [pipeline.url ?? '', again.pipeline.url ?? ''];
    for (const url of urls) expect(await statusOf(url + QUERY)).toBe(200);
    await owner.call('POST', `/v1/models/${id}/deactivate`);
    for (const url of urls) expect(await statusOf(url + QUERY)).toBe(403);
    await owner.activate(id);
    for (const url of urls) await expect.poll(() => statusOf(url + QUERY)).toBe(200);
    const last = await rotate();
    for (const url of urls) expect(await statusOf(url + QUERY)).toBe(404);
    expect(last.body.pipeline.old_url_until).toBeUndefined();
  });

  it.each([[{ grace_seconds: -1 }], [{ grace_seconds: 1e9 }], [{ grace_seconds: '5' }], [{ grace: 5 }], [[]]])(
    'is refused as %j',
    async (body) => {
      const owner = await createOwner(worker);
      expect(await owner.call('POST', '/v1/models/model_tutorial/rotate', body)).toMatchObject({
        status: 400,
        body: { code: 'invalid_input' },
      });
    },
  );
});

it('the rate limit answers 429 with Retry-After, per pipeline, and counts what it refuses', async () => {
  const limited = await startWorker({ rate: { limit: 3, period: 10 } });
  try {
    const owner = await createOwner(limited);
    const { body } = await owner.call<{ models: Model[] }>('GET', '/v1/models');
    const url = body.models[0]?.pipeline.url ?? '';
    // The period of the limiter begins with the clock's tens of seconds.
    const left = 10_000 - (Date.now() % 10_000);
    if (left < 3000) await new Promise((resolve) => setTimeout(resolve, left));
    const statuses: number[] = [];
    for (let i = 0; i < 60; i += 1) statuses.push(await statusOf(url + QUERY));
    const answered = statuses.filter((status) => status === 200).length;
    expect(answered).toBeGreaterThanOrEqual(4 * LIMITS.RATE_CALLS_PER_ASK);
    expect(answered).toBeLessThan(60);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    const refused = await fetch(url + QUERY);
    expect(await refused.json()).toMatchObject({ code: 'rate_limited' });
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThanOrEqual(1);
    expect(Number(refused.headers.get('Retry-After'))).toBeLessThanOrEqual(10);
    const other = await createOwner(limited);
    const theirs = await other.call<{ models: Model[] }>('GET', '/v1/models');
    expect(await statusOf((theirs.body.models[0]?.pipeline.url ?? '') + QUERY)).toBe(200);
    await expect
      .poll(async () => (await usageOf(owner, 'model_tutorial')).codes, SOON)
      .toEqual({ ok: answered, rate_limited: 61 - answered });
    expect((await usageOf(owner, 'model_tutorial')).cap.used).toBe(answered);
    expect(limited.logs.join('\n')).not.toMatch(/pipeline_[0-9a-z]{20}|postern_[0-9a-z]{20}/);
  } finally {
    await limited.dispose();
  }
});
