// Every tabular, text and forecasting case of the corpus, imported from its ONNX, CSV and label, through the built
// Worker: by GET one row at a time and by POST in one batch.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOrtRuntime } from '../../worker/inference/ort.ts';
import { importModel } from '../../worker/onnx/import.ts';
import { findDifference, type GivenAnswer } from '../support/answers.ts';
import { CORPUS_ROOT, type CorpusCase, FIXTURES_ROOT, findCases, readCase, toOverrides } from '../support/corpus.ts';
import { type Caller, startWorker, type TestWorker } from '../support/worker.ts';

const runtime = createOrtRuntime();
let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
afterAll(async () => {
  await worker.dispose();
});

const roots = [FIXTURES_ROOT, CORPUS_ROOT].filter((root) => findCases(root).length > 0);
if (!roots.includes(CORPUS_ROOT)) console.log(`The corpus is not here (${CORPUS_ROOT}): its cases are skipped.`);

describe.each(roots)('corpus in %s', (root) => {
  const names = findCases(root).filter((name) => readCase(name, root).kind === 'table');
  it.each(names)('%s', async (name) => {
    const { model, csv, label, rows, tolerance, ...rest } = readCase(name, root);
    const { load } = await runtime;
    const imported = importModel(model, { csv, label: label ?? undefined, overrides: toOverrides(rest), load });
    const call = await worker.publish({ manifest: imported.manifest, name }, imported.model);

    const one = await Promise.all(rows.map(({ input }) => getRow(call, input)));
    const many = await call('', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(rows.map(({ input }) => input)),
    });
    expect(many.status).toBe(200);
    const batch = (await many.json()) as GivenAnswer[];
    expect(batch.length).toBe(rows.length);
    for (const [i, row] of rows.entries()) {
      for (const answer of [one[i], batch[i]]) {
        expect(findDifference(answer as GivenAnswer, row, tolerance)).toBeNull();
        expectSum(answer as GivenAnswer);
      }
    }
  });
});

type Input = CorpusCase['rows'][number]['input'];

async function getRow(call: Caller, input: Input): Promise<GivenAnswer> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input)) {
    // A missing cell is left out.
    for (const each of [value].flat()) if (each !== null && each !== undefined) query.append(name, String(each));
  }
  const response = await call(`?${query}`);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text);
}

function expectSum({ probability }: GivenAnswer): void {
  if (probability === undefined) return;
  expect(Math.abs(probability.reduce((sum, each) => sum + each, 0) - 1)).toBeLessThanOrEqual(1e-6);
}
