// Every tabular, text and forecasting case of the corpus: imported from ONNX + CSV + label, then answered.
import { beforeAll, describe, expect, it } from 'vitest';
import { createOrtRuntime } from '../../../worker/inference/ort.ts';
import type { Runtime } from '../../../worker/inference/runtime.ts';
import { importModel } from '../../../worker/onnx/import.ts';
import { answerRows, findDifference } from '../../support/answers.ts';
import {
  type Case,
  type CaseOverrides,
  findCases,
  readCase,
  toFullOverrides,
  toOverrides,
} from '../../support/corpus.ts';

const cases = findCases();
let runtime: Runtime;
beforeAll(async () => {
  runtime = await createOrtRuntime();
});

function checkCase(given: Case, overrides: CaseOverrides, load = true): void {
  const { manifest, model, report, golden } = importModel(given.model, {
    csv: given.csv,
    label: given.label ?? undefined,
    overrides,
    load: load ? (bytes) => runtime.load(bytes) : undefined,
  });
  const session = runtime.load(model);
  try {
    const answers = answerRows(
      manifest,
      session,
      given.rows.map(({ input }) => input),
    );
    const faults = given.rows.flatMap((row, r) => {
      const answer = answers[r];
      const difference = answer === undefined ? 'no answer' : findDifference(answer, row, given.tolerance);
      return difference === null ? [] : [`row ${r}: ${difference}`];
    });
    expect(faults.slice(0, 3), JSON.stringify(report.notes)).toEqual([]);
    expect(manifest.task).toBe(given.task);
    if (!load) return;
    expect(report.test_run?.agreement).not.toBeNull();
    expect(report.test_run?.agreement?.warning).toBeUndefined();
    const again = answerRows(
      manifest,
      session,
      golden.map(({ row }) => row),
    );
    for (const [r, { answer }] of golden.entries()) {
      expect(
        findDifference(again[r] ?? { prediction: null }, { input: {}, expected: answer }, { abs: 1e-4, rel: 1e-4 }),
      ).toBeNull();
    }
  } finally {
    session.release();
  }
}

/** What an image becomes is tested over HTTP; here, that its preprocessing is found. */
function checkImage({ model, classes, extra }: Case): void {
  const { scale, mean, std, size, layout, color } = (extra?.preprocess ?? {}) as Record<string, never>;
  const stated = mean === null ? {} : { preprocess: { mean, std } };
  const load = (bytes: Uint8Array) => runtime.load(bytes);
  const { manifest, report, golden } = importModel(model, { overrides: { classes: classes ?? [], ...stated }, load });
  expect(manifest.task).toBe('classification');
  const [feature] = manifest.features;
  expect(feature).toMatchObject({
    type: 'image',
    preprocess: { size, layout, color, scale: scale === '1' ? 1 : 1 / 255, resize: 'stretch', filter: 'bilinear' },
  });
  expect(feature?.preprocess?.mean).toEqual(mean ?? undefined);
  expect(report.notes.join(' ')).toMatch(/was taken to be an image/);
  expect(golden).toEqual([]);
  expect(() => importModel(model, { overrides: stated, load })).toThrow(/^(classes|task)_required: /);
}

describe.skipIf(cases.length === 0)('the corpus', () => {
  for (const name of cases) {
    const given = readCase(name);
    if (given.kind === 'image') {
      it(name, () => checkImage(given));
      continue;
    }
    it(name, () => checkCase(given, toOverrides(given)));
    it(`${name}, task and classes stated`, () => checkCase(given, toFullOverrides(given)));
  }
});
