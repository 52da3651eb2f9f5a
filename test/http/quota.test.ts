// The quota over HTTP: a hundred activations at once on a trial account, and what KV says afterwards.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Account, Model } from '../../worker/contract.ts';
import { ROOT } from '../support/build.ts';
import { createOwner } from '../support/owner.ts';
import { startWorker, type TestWorker } from '../support/worker.ts';

const AT_ONCE = 100;

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
afterAll(() => worker.dispose());

it('leaves exactly one of a hundred simultaneous activations', async () => {
  const owner = await createOwner(worker, 'trial');
  const model = readFileSync(join(ROOT, 'worker/tutorial/iris.onnx'));
  const csv = readFileSync(join(ROOT, 'worker/tutorial/iris.csv'));
  const models: Model[] = [];
  for (let i = 0; i < AT_ONCE; i += 1)
    models.push(await owner.add({ model, csv, label: 'species', name: `Iris ${i}` }));

  const answers = await Promise.all(models.map(({ id }) => owner.call('POST', `/v1/models/${id}/activate`)));
  const [winner = '', ...others] = models.flatMap(({ id }, i) => (answers[i]?.status === 202 ? [id] : []));
  expect(others).toEqual([]);
  const refused = answers.filter(({ status }) => status === 409);
  expect(refused).toHaveLength(AT_ONCE - 1);
  expect(refused.every(({ body }) => body.code === 'quota_exceeded')).toBe(true);
  expect(refused.every(({ body }) => String(body.message).includes(winner))).toBe(true);

  const live = await owner.activate(winner);
  const { body: account } = await owner.call<Account>('GET', '/v1/account');
  expect(account.quota).toMatchObject({ used: 1, counted: [{ id: winner, status: 'active' }] });

  const kv = (await worker.miniflare.getKVNamespace('KV')) as unknown as KVNamespace;
  const { keys } = await kv.list({ prefix: 'pipeline:' });
  const records = await Promise.all(keys.map(({ name }) => kv.get<{ state: string; model_id: string }>(name, 'json')));
  const active = records.flatMap((record) => (record?.state === 'active' ? [record.model_id] : []));
  expect(active.sort()).toEqual([winner, 'model_tutorial'].sort());
  expect((await fetch(live.pipeline.url ?? '')).status).toBe(400);
});
