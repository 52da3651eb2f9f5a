// The demo models: imported from their file, training data and label, they answer what their library answered.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createOrtRuntime } from '../../../worker/inference/ort.ts';
import { importModel } from '../../../worker/onnx/import.ts';
import type { RawValue } from '../../../worker/pipeline/row.ts';
import { answerRows, findDifference } from '../../support/answers.ts';

const folder = join(import.meta.dirname, '../../../../shared/demos');
const DEMOS = [
  { name: 'churn', label: 'outcome', tolerance: { abs: 1e-5, rel: 1e-5 } },
  { name: 'rent', label: 'rentEur', tolerance: { abs: 1e-2, rel: 1e-5 } },
  {
    name: 'visitors',
    label: ['next1', 'next2', 'next3', 'next4', 'next5', 'next6'],
    tolerance: { abs: 0.1, rel: 1e-5 },
  },
];

/** The sample of the forecast gives its window as one list; the training data has a column for each month. */
function spread({ history, ...input }: Record<string, RawValue>): Record<string, RawValue> {
  if (!Array.isArray(history)) return input;
  return { ...input, ...Object.fromEntries(history.map((value, i) => [`m${history.length - i}`, value])) };
}

describe.skipIf(!existsSync(folder))('the demos', () => {
  it.each(DEMOS)('$name', async ({ name, label, tolerance }) => {
    const read = (file: string) => readFileSync(join(folder, name, file));
    const runtime = await createOrtRuntime();
    const { manifest, model, report } = importModel(new Uint8Array(read('model.onnx')), {
      csv: new Uint8Array(read('train.csv')),
      label,
      load: (bytes) => runtime.load(bytes),
    });
    expect(report.test_run?.agreement?.warning).toBeUndefined();
    const samples = JSON.parse(read('sample.json').toString()) as {
      input: Record<string, RawValue>;
      prediction: unknown;
      probability: Record<string, number> | null;
    }[];
    const answers = answerRows(
      manifest,
      runtime.load(model),
      samples.map(({ input }) => spread(input)),
    );
    for (const [i, { input, prediction, probability }] of samples.entries()) {
      const expected = {
        prediction,
        ...(probability === null
          ? {}
          : { probability: (manifest.classes ?? []).map((each) => probability[String(each)] ?? -1) }),
      };
      expect(findDifference(answers[i] ?? { prediction: null }, { input, expected }, tolerance)).toBeNull();
    }
  });
});
