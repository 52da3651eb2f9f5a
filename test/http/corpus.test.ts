// Every tabular, text and forecasting case of the corpus as its owner brings it: ONNX, CSV and label are uploaded, the
// pipeline activated, and its URL called by GET one row at a time and by POST in one batch.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findDifference, type GivenAnswer } from '../support/answers.ts';
import { CORPUS_ROOT, type CorpusCase, FIXTURES_ROOT, findCases, readCase, toOverrides } from '../support/corpus.ts';
import { createOwner, type Owner } from '../support/owner.ts';
import { startWorker, type TestWorker } from '../support/worker.ts';

let worker: TestWorker;
let owner: Owner;
beforeAll(async () => {
  worker = await startWorker();
  owner = await createOwner(worker, 'standard');
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
    const { id, report } = await owner.add({
      name,
      model,
      csv,
      label: label ?? undefined,
      manifest: toOverrides(rest),
    });
    if (csv !== undefined && label !== null) expect(report.test_run?.rows).toBeGreaterThan(0);
    const { pipeline } = await owner.activate(id);
    expect(pipeline).toMatchObject({ status: 'active', version: 1 });
    const url = pipeline.url ?? '';

    const one = await Promise.all(rows.map(({ input }) => getRow(url, input)));
    const many = await fetch(url, {
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
    expect((await owner.call('POST', `/v1/models/${id}/deactivate`)).status).toBe(200);
    expect((await owner.call('DELETE', `/v1/models/${id}`)).status).toBe(204);
  });
});

type Input = CorpusCase['rows'][number]['input'];

async function getRow(url: string, input: Input): Promise<GivenAnswer> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input)) {
    // A missing cell is left out.
    for (const each of [value].flat()) if (each !== null && each !== undefined) query.append(name, String(each));
  }
  const response = await fetch(`${url}?${query}`);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text);
}

function expectSum({ probability }: GivenAnswer): void {
  if (probability === undefined) return;
  expect(Math.abs(probability.reduce((sum, each) => sum + each, 0) - 1)).toBeLessThanOrEqual(1e-6);
}
