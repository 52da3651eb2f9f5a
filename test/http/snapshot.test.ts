// The built Worker with the engine's snapshot, and with a WebAssembly file that has none, as if one had been deployed
// without the other.
import { copyFileSync, cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { BUILD, ROOT } from '../support/build.ts';
import { FIXTURES_ROOT, readCase } from '../support/corpus.ts';
import { createOwner } from '../support/owner.ts';
import { startWorker, type TestWorker } from '../support/worker.ts';

const PUBLISHED = join(ROOT, 'node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm');
const without = mkdtempSync(join(tmpdir(), 'postern-no-snapshot-'));
afterAll(() => {
  rmSync(without, { recursive: true });
});

/** Answers of the tutorial, of an imported model and of a model that is refused, and what was logged about the start. */
async function ask(worker: TestWorker): Promise<{ answers: unknown[]; log: string[] }> {
  try {
    const tutorial = await worker.publishTutorial();
    const answers = [];
    for (let i = 0; i < 3; i += 1) {
      const rows = [0, 1, 2].map((x) => ({ sepalLength: x, sepalWidth: 1, petalLength: 1.5, petalWidth: x + i }));
      answers.push(
        await (
          await tutorial(`?${new URLSearchParams(Object.entries(rows[i] ?? {}).map(([k, v]) => [k, String(v)]))}`)
        ).json(),
      );
      answers.push(
        await (
          await tutorial('', {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify(rows),
          })
        ).json(),
      );
    }
    const owner = await createOwner(worker, 'standard');
    const { model, csv, label, rows } = readCase('wine-calibrated-semicolon', FIXTURES_ROOT);
    const { id } = await owner.add({ name: 'wine', model, csv, label: String(label) });
    const { pipeline } = await owner.activate(id);
    const body = JSON.stringify(rows.map(({ input }) => input));
    answers.push(
      await (
        await fetch(pipeline.url ?? '', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
      ).json(),
    );
    return { answers, log: worker.logs.filter((line) => line.includes('snapshot')) };
  } finally {
    await worker.dispose();
  }
}

it('answers the same with and without, and says in the log when it starts without', async () => {
  const expected = await ask(await startWorker());
  expect(expected.log).toEqual([]);
  expect(expected.answers.length).toBe(7);

  cpSync(BUILD, without, { recursive: true });
  const [engine, ...others] = readdirSync(without).filter((name) => name.endsWith('-ort.wasm'));
  expect(others).toEqual([]);
  copyFileSync(PUBLISHED, join(without, engine ?? ''));
  const given = await ask(await startWorker({ build: without }));
  expect(given.answers).toEqual(expected.answers);
  expect(given.log).toEqual([expect.stringMatching(/starts without a snapshot.*there is none/)]);
});
