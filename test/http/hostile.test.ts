// Files that mean harm, uploaded: each is refused within five seconds with a reason that helps, or works; meanwhile
// other pipelines answer.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CORPUS_ROOT, findCases } from '../support/corpus.ts';
import { createOwner, type Owner, toForm, type Upload } from '../support/owner.ts';
import { type Caller, startWorker, type TestWorker } from '../support/worker.ts';

const folder = join(CORPUS_ROOT, 'hostile');
const present = findCases().length > 0;
const LONGEST_MS = 5000;

describe.skipIf(!present)('hostile uploads', () => {
  let worker: TestWorker;
  let owner: Owner;
  let iris: Caller;
  let slowest = 0;
  beforeAll(async () => {
    worker = await startWorker();
    owner = await createOwner(worker, 'standard');
    iris = await worker.publishTutorial();
  });
  afterAll(() => worker.dispose());

  async function upload(file: Upload): Promise<void> {
    const began = performance.now();
    const uploaded = owner.call('POST', '/v1/models', toForm(file));
    const answered = await iris('?sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0');
    expect(answered.status).toBe(200);
    const { status, body } = await uploaded;
    const took = performance.now() - began;
    slowest = Math.max(slowest, took);
    expect(took).toBeLessThan(LONGEST_MS);
    if (status === 201) {
      expect((await owner.call('DELETE', `/v1/models/${body.id}`)).status).toBe(204);
      return;
    }
    expect(status, JSON.stringify(body)).toBeGreaterThanOrEqual(400);
    expect(status, JSON.stringify(body)).toBeLessThan(500);
    expect(String(body.message).length).toBeGreaterThan(20);
    expect(String(body.message)).not.toMatch(/\.cc\b|\.ts\b|\n {4}at |undefined|\[object/);
  }

  const models = present ? readdirSync(folder).filter((name) => name.endsWith('.onnx')) : [];
  it.each(models)('%s', (name) => upload({ model: readFileSync(join(folder, name)), name: name.slice(0, -5) }));

  const tables = present ? readdirSync(join(folder, 'csv')) : [];
  it.each(tables)('csv/%s', (name) =>
    upload({
      model: readFileSync(join(CORPUS_ROOT, 'cases/iris-rf/model.onnx')),
      csv: readFileSync(join(folder, 'csv', name)),
      label: 'species',
      name: name.slice(0, -4),
    }),
  );

  it('says how long the longest took', () => {
    console.log(`The longest of ${models.length + tables.length} hostile uploads took ${Math.round(slowest)} ms.`);
    expect(worker.logs.join('\n')).not.toMatch(/pipeline_[0-9a-z]{20}|postern_[0-9a-z]{20}/);
  });
});
