import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createOrtRuntime } from '../../../worker/inference/ort.ts';
import { manifestSchema } from '../../../worker/pipeline/manifest.ts';
import { toDigest } from '../../../worker/registry/secret.ts';
import { toVotes } from '../../../worker/tutorial/prepare.ts';
import { TUTORIAL_DIGEST, tutorialManifest, tutorialModel } from '../../../worker/tutorial/tutorial.ts';
import { answerRows } from '../../support/answers.ts';

const iris = new Uint8Array(readFileSync('worker/tutorial/iris.onnx'));
const rows = readFileSync('worker/tutorial/iris.csv', 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','));

it('is made of iris.onnx', async () => {
  expect(tutorialModel).toEqual(toVotes(iris));
  expect(await toDigest(tutorialModel)).toBe(TUTORIAL_DIGEST);
  expect(manifestSchema.parse(tutorialManifest)).toEqual(tutorialManifest);
});

it('answers as iris.onnx does, to the last bit, on all its data', async () => {
  const { load } = await createOrtRuntime();
  const inputs = rows.map(([sepalLength, sepalWidth, petalLength, petalWidth]) => ({
    sepalLength,
    sepalWidth,
    petalLength,
    petalWidth,
  }));
  const whole = {
    ...tutorialManifest,
    output: {
      label: { tensor: 'label', holds: 'class' as const },
      probability: { tensors: ['probabilities'], form: 'vector' as const, activation: 'none' as const },
    },
  };
  const expected = answerRows(whole, load(iris), inputs);
  expect(answerRows(tutorialManifest, load(tutorialModel), inputs)).toEqual(expected);
  expect(expected.filter(({ prediction }, r) => prediction === rows[r]?.[4]).length).toBeGreaterThan(145);
});
