// The demos as `npm start` brings them about: they answer what the libraries answered that trained them, and a second start
// changes nothing.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../worker/cli/client.ts';
import { DEMOS, type DemoName, seedDemos } from '../../worker/cli/demos.ts';
import type { PipelineSchema, Prediction } from '../../worker/contract.ts';
import { createOwner } from '../support/owner.ts';
import { ROOT } from '../support/start.ts';
import { startWorker, type TestWorker } from '../support/worker.ts';

const FOLDER = join(ROOT, 'playground/demos');
const TOLERANCE: Record<DemoName, number> = { churn: 1e-5, rent: 1e-2, visitors: 0.1, digits: 1e-5 };

interface Sample {
  readonly input: Record<string, unknown>;
  readonly prediction: string | number | number[];
  readonly probability: Record<string, number> | null;
}

let worker: TestWorker;
let token = '';
let seeded: Awaited<ReturnType<typeof seedDemos>>;

beforeAll(async () => {
  worker = await startWorker();
  token = (await createOwner(worker, 'standard')).token;
  seeded = await seedDemos(createApi(worker.origin, token), {});
});
afterAll(() => worker?.dispose());

const getUrl = (slug: DemoName): string => seeded.demos.find((demo) => demo.slug === slug)?.url ?? '';
const readSamples = (slug: DemoName) => JSON.parse(readFileSync(join(FOLDER, slug, 'sample.json'), 'utf8')) as Sample[];

/** The sample of the forecast gives its window as one list; the model has a feature for each month. */
function toRow({ history, ...input }: Sample['input']): object {
  if (!Array.isArray(history)) return input;
  return Object.fromEntries(history.map((value, i) => [`m${history.length - i}`, value]));
}

describe.each(['churn', 'rent', 'visitors'] as const)('%s', (slug) => {
  it('answers its samples', async () => {
    const samples = readSamples(slug);
    const response = await fetch(getUrl(slug), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(samples.map(({ input }) => toRow(input))),
    });
    const answers = (await response.json()) as Prediction[];
    expect(answers.length).toBe(5);
    const { classes } = (await (await fetch(`${getUrl(slug)}/schema`)).json()) as PipelineSchema;
    for (const [i, { prediction, probability }] of samples.entries()) {
      const answer = answers[i];
      if (typeof prediction === 'string') expect(answer?.prediction).toBe(prediction);
      else {
        const numbers = [answer?.prediction].flat().map(Number);
        for (const [k, wanted] of [prediction].flat().entries()) {
          expect(Math.abs((numbers[k] ?? Number.NaN) - wanted)).toBeLessThan(TOLERANCE[slug]);
        }
      }
      for (const [k, name] of (classes ?? []).entries()) {
        expect(answer?.probability?.[k]).toBeCloseTo(probability?.[String(name)] ?? Number.NaN, 5);
      }
    }
  });
});

it('digits answers its pictures', async () => {
  const samples = join(FOLDER, 'digits/samples');
  const expected = JSON.parse(readFileSync(join(samples, 'expected.json'), 'utf8')) as Record<string, string>;
  const files = readdirSync(samples).filter((name) => name.endsWith('.png'));
  expect(files.length).toBeGreaterThan(10);
  for (const name of files) {
    const body = readFileSync(join(samples, name));
    const response = await fetch(getUrl('digits'), { method: 'POST', headers: { 'Content-Type': 'image/png' }, body });
    expect(await response.json(), name).toMatchObject({ prediction: expected[name] });
  }
});

it('what a form needs is in the schema', async () => {
  const read = async (slug: DemoName) => (await (await fetch(`${getUrl(slug)}/schema`)).json()) as PipelineSchema;
  expect(await read('rent')).toMatchObject({ unit: 'EUR per month', example: { json: { areaM2: 65, balcony: true } } });
  const churn = await read('churn');
  expect(churn.features.find(({ name }) => name === 'lastLoginDays')).toMatchObject({ optional: true, unit: 'days' });
  expect((await read('visitors')).label).toEqual(['next1', 'next2', 'next3', 'next4', 'next5', 'next6']);
  expect((await read('digits')).features).toMatchObject([
    { type: 'image', image: { width: 28, height: 28, color: 'L' } },
  ]);
});

it('an owner may amend a part of how an image is read', async () => {
  const { id } = seeded.imported.digits ?? { id: '' };
  const amend = (preprocess: object) =>
    fetch(`${worker.origin}/v1/models/${id}`, {
      method: 'PATCH',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ manifest: { features: [{ name: 'image', preprocess }] } }),
    });
  expect((await amend({ filter: 'bilinear' })).status).toBe(200);
  const wrong = await amend({ filter: 'blurry' });
  expect(wrong.status).toBe(422);
  expect(await wrong.json()).toMatchObject({ code: 'import_refused', reason: 'manifest_invalid' });
});

it('a second start changes nothing, and a changed file is a new version under the same URL', async () => {
  const api = createApi(worker.origin, token);
  const again = await seedDemos(api, seeded.imported);
  expect(again).toEqual(seeded);
  const { id } = seeded.imported.rent ?? { id: '' };
  expect((await api.getModel(id)).versions.length).toBe(1);
  const old = { ...seeded.imported, rent: { id, stamp: 'of other files' } };
  expect(await seedDemos(api, old)).toEqual(seeded);
  expect((await api.getModel(id)).versions.length).toBe(2);
  expect(DEMOS.length).toBe(4);
});
