// Deployment in the built Worker: a version that does not load, or answers its golden rows otherwise, never goes live.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOrtRuntime } from '../../worker/inference/ort.ts';
import { type ImportResult, importModel } from '../../worker/onnx/import.ts';
import type { AccountApi, ModelView, NewModel } from '../../worker/registry/account-api.ts';
import { toDigest } from '../../worker/registry/secret.ts';
import { createAccountId } from '../../worker/registry/token.ts';
import { FIXTURES_ROOT, findCases, readCase, toOverrides } from '../support/corpus.ts';
import { startWorker, type TestWorker } from '../support/worker.ts';

const random = (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes);
const runtime = createOrtRuntime();
let worker: TestWorker;
let api: AccountApi;
let hash: string;

beforeAll(async () => {
  worker = await startWorker();
  const id = createAccountId(random);
  // Miniflare's own types come from another version of the runtime's.
  const namespace = (await worker.miniflare.getDurableObjectNamespace('ACCOUNTS')) as unknown as DurableObjectNamespace;
  api = namespace.get(namespace.idFromName(id)) as unknown as AccountApi;
  const created = await api.create({ account_id: id, name: 'Corpus', plan: 'standard' });
  if (!created.ok) throw new Error(created.message);
  hash = await toDigest(created.token);
});
afterAll(() => worker.dispose());

async function deploy(model: NewModel): Promise<ModelView> {
  const added = await api.addModel(hash, model);
  if (!added.ok) throw new Error(added.message);
  const { id } = added.model;
  await api.activate(hash, id);
  for (const end = Date.now() + 10_000; Date.now() < end; ) {
    const shown = await api.getModel(hash, id);
    if (shown.ok && shown.model.pipeline.status !== 'deploying') return shown.model;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('It is still deploying.');
}

async function importCase(name: string, root: string): Promise<ImportResult> {
  const { model, csv, label, rows: _, tolerance: __, ...rest } = readCase(name, root);
  const { load } = await runtime;
  return importModel(model, { csv, label: label ?? undefined, overrides: toOverrides(rest), load });
}

describe('a version that is not what was imported', () => {
  const [name = ''] = findCases(FIXTURES_ROOT).filter((each) => readCase(each, FIXTURES_ROOT).kind === 'table');
  const give = async (change: Partial<NewModel>) => {
    const imported = await importCase(name, FIXTURES_ROOT);
    return deploy({ ...imported, name, ...change });
  };

  it('does not go live when it answers otherwise', async () => {
    const { golden } = await importCase(name, FIXTURES_ROOT);
    const wrong = golden.map(({ row, answer }) => ({
      row,
      answer: { ...answer, prediction: typeof answer.prediction === 'number' ? answer.prediction + 1 : 'other' },
    }));
    const model = await give({ golden: wrong });
    expect(model.pipeline).toMatchObject({ status: 'failed', secret: null });
    expect(model.pipeline.reason).toMatch(/row 1 of its import is answered otherwise/);
  });

  it('does not go live when the engine refuses it', async () => {
    const model = await give({ model: new TextEncoder().encode('not a model') });
    expect(model.pipeline.status).toBe('failed');
    expect(model.pipeline.reason).toMatch(/the engine refuses it/);
    expect(model.pipeline.reason).not.toMatch(/\/|\.cc|at /);
  });

  it('does not go live when its rows are no longer valid', async () => {
    const model = await give({ golden: [{ row: { nonsense: 1 }, answer: { prediction: 1 } }] });
    expect(model.pipeline).toMatchObject({ status: 'failed' });
    expect(model.pipeline.reason).toMatch(/no longer answered/);
  });
});
