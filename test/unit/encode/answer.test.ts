import { describe, expect, it } from 'vitest';
import { createAnswerPlan } from '../../../worker/encode/answer.ts';
import { toHalf } from '../../../worker/pipeline/float16.ts';
import type { Manifest } from '../../../worker/pipeline/manifest.ts';
import type { Tensor } from '../../../worker/pipeline/tensor.ts';

type Part = Pick<Manifest, 'output' | 'classes'>;

const float32 = (...values: number[]): Tensor => ({
  dtype: 'float32',
  dims: [values.length],
  data: new Float32Array(values),
});
const float64 = (...values: number[]): Tensor => ({
  dtype: 'float64',
  dims: [values.length],
  data: new Float64Array(values),
});
const int64 = (...values: (number | bigint)[]): Tensor => ({
  dtype: 'int64',
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
});
const text = (...values: string[]): Tensor => ({ dtype: 'string', dims: [values.length], data: values });
const bool = (...values: number[]): Tensor => ({ dtype: 'bool', dims: [values.length], data: Uint8Array.from(values) });

const answer = (manifest: Part, tensors: Tensor[], rows = 1) => createAnswerPlan(manifest).toAnswers(tensors, rows, 5);

function toClassifier(
  classes: Manifest['classes'],
  form: 'vector' | 'columns' | 'positive' = 'vector',
  activation: 'none' | 'softmax' | 'sigmoid' | 'scores' = 'none',
  label?: 'class' | 'index',
): Part {
  const tensors = form === 'columns' ? (classes ?? []).map((each) => `p_${each}`) : ['p'];
  const probability = { tensors, form, activation };
  return { classes, output: label ? { label: { tensor: 'y', holds: label }, probability } : { probability } };
}

describe('probabilities', () => {
  it('are the model’s numbers, rounded, in class order', () => {
    const [first] = answer(toClassifier(['a', 'b', 'c']), [float64(11 / 28, 3 / 28, 0.5)]);
    expect(first).toEqual({ prediction: 'c', probability: [0.39285714, 0.10714286, 0.5] });
    const [thirds] = answer(toClassifier([0, 1, 2]), [float64(1 / 3, 1 / 3, 1 / 3)]);
    expect(thirds).toEqual({ prediction: 0, probability: [0.33333333, 0.33333333, 0.33333333] });
  });

  it('reads one tensor per class and one of the second class alone', () => {
    const columns = answer(toClassifier(['a', 'b'], 'columns'), [float32(0.25, 0.5), float32(0.75, 0.5)], 2);
    expect(columns).toEqual([
      { prediction: 'b', probability: [0.25, 0.75] },
      { prediction: 'a', probability: [0.5, 0.5] },
    ]);
    const positive = answer(toClassifier([false, true], 'positive'), [float64(0.5000000001, 0.25)], 2);
    expect(positive).toEqual([
      { prediction: true, probability: [0.5, 0.5] },
      { prediction: false, probability: [0.75, 0.25] },
    ]);
  });

  it('activates logits, also large ones', () => {
    const softmax = answer(toClassifier(['a', 'b'], 'vector', 'softmax'), [float32(1000, 1001, -1000, -3000)], 2);
    expect(softmax).toEqual([
      { prediction: 'b', probability: [0.26894142, 0.73105858] },
      { prediction: 'a', probability: [1, 0] },
    ]);
    const sigmoid = answer(toClassifier(['a', 'b'], 'positive', 'sigmoid'), [float32(0, -2, 2, 1000)], 4);
    expect(sigmoid.map(({ prediction }) => prediction)).toEqual(['a', 'a', 'b', 'b']);
    expect(sigmoid.map(({ probability }) => probability?.[1])).toEqual([0.5, 0.11920292, 0.88079708, 1]);
    const vector = answer(toClassifier(['a', 'b'], 'vector', 'sigmoid'), [float32(0, 0, -900, -901)], 2);
    expect(vector[0]?.probability).toEqual([0.5, 0.5]);
    expect(vector[1]?.probability).toEqual([0.73105858, 0.26894142]);
  });

  it('answers the best class alone of scores', () => {
    expect(answer(toClassifier(['a', 'b', 'c'], 'vector', 'scores'), [float32(-3, 7, 2)])).toEqual([
      { prediction: 'b' },
    ]);
    expect(answer(toClassifier(['a', 'b'], 'positive', 'scores'), [float32(0, 0.1)], 2)).toEqual([
      { prediction: 'a' },
      { prediction: 'b' },
    ]);
  });

  it('sums to 1 after rounding, for many classes and for the drift of float16', () => {
    const count = 997;
    const many = toClassifier(Array.from({ length: count }, (_, i) => i));
    const half: Tensor = {
      dtype: 'float16',
      dims: [1, count],
      data: Uint16Array.from({ length: count }, () => toHalf(1 / count)),
    };
    for (const tensor of [
      float32(...new Array(count).fill(1 / count)),
      half,
      float64(...new Array(count).fill(1 / count)),
    ]) {
      const sum = answer(many, [tensor])[0]?.probability?.reduce((a, b) => a + b, 0) ?? 0;
      expect(Math.abs(sum - 1)).toBeLessThanOrEqual(1e-6);
    }
    expect(answer(toClassifier(['a', 'b']), [float32(0.748, 0.25)])[0]?.probability).toEqual([0.749499, 0.250501]);
    expect(answer(toClassifier(['a', 'b']), [float32(1, -1e-9)])[0]?.probability).toEqual([1, 0]);
  });

  it.each([
    [toClassifier(['a', 'b']), float32(0.5, 0.4), 'the probabilities of row 5 sum to 0.9'],
    [toClassifier(['a', 'b']), float32(1.5, -0.5), 'a probability of row 5 is -0.5'],
    [toClassifier(['a', 'b'], 'positive'), float32(1.2), 'the probability of row 5 is 1.2'],
    [toClassifier(['a', 'b']), float32(Number.NaN, 1), '"p" is NaN for row 5'],
    [toClassifier(['a', 'b'], 'vector', 'softmax'), float32(Infinity, 1), '"p" is Infinity for row 5'],
    [toClassifier(['a', 'b']), float32(1, 0, 0), '"p" has 3 values for 1 rows, expected 2 for each row'],
    [toClassifier(['a', 'b']), text('x', 'y'), '"p" holds strings'],
  ])('refuses %#', (manifest, tensor, reason) => {
    expect(() => answer(manifest, [tensor])).toThrow(reason);
    expect(() => answer(manifest, [tensor])).toThrow(expect.objectContaining({ code: 'model_output_invalid' }));
  });
});

describe('labels', () => {
  it.each([
    [['Iris-setosa', 'Iris-virginica'], text('Iris-virginica'), 'Iris-virginica'],
    [[0, 1], int64(1), 1],
    [['0', '1'], int64(1), '1'],
    [['1.0', '2.0'], int64(2), '2.0'],
    [[0, 1], text('1'), 1],
    [[1, 2.5], float32(2.5), 2.5],
    [[0.1, 0.2], float32(0.2), 0.2],
    [[false, true], int64(1), true],
    [[false, true], text('False'), false],
    [['False', 'True'], bool(1), 'True'],
    [[false, true], bool(0), false],
    [[0, 1], bool(1), 1],
    [['no', 'yes'], text('other'), 'other'],
    [undefined, int64(7), 7],
    [undefined, int64(9007199254740993n), 9007199254740993n],
    [undefined, bool(1), true],
  ])('%j: %#', (classes, tensor, expected) => {
    const manifest: Part = { classes, output: { label: { tensor: 'y', holds: 'class' } } };
    expect(answer(manifest, [tensor])).toEqual([{ prediction: expected }]);
  });

  it('takes an index into the classes', () => {
    const manifest: Part = { classes: ['a', 'b'], output: { label: { tensor: 'y', holds: 'index' } } };
    expect(answer(manifest, [int64(1, 0)], 2)).toEqual([{ prediction: 'b' }, { prediction: 'a' }]);
    for (const wrong of [2, -1]) expect(() => answer(manifest, [int64(wrong)])).toThrow(`"y" is ${wrong} for row 5`);
    expect(() => answer(manifest, [int64(1, 0, 1)], 2)).toThrow('"y" has 3 values for 2 rows');
  });

  it('wins over the largest probability', () => {
    const manifest = toClassifier(['a', 'b'], 'vector', 'none', 'class');
    expect(createAnswerPlan(manifest).outputs).toEqual(['y', 'p']);
    expect(answer(manifest, [text('a'), float32(0.25, 0.75)])[0]).toEqual({
      prediction: 'a',
      probability: [0.25, 0.75],
    });
  });
});

describe('values', () => {
  const one: Part = { output: { value: { tensors: ['v'] } } };

  it('prints float32 as its shortest decimal and float64 in full', () => {
    expect(answer(one, [float32(3.14, 0.1, -2, 1e20, 16777216)], 5).map(({ prediction }) => prediction)).toEqual([
      3.14, 0.1, -2, 1e20, 16777216,
    ]);
    expect(answer(one, [float64(0.1 + 0.2)])).toEqual([{ prediction: 0.30000000000000004 }]);
    const half: Tensor = { dtype: 'float16', dims: [1], data: Uint16Array.of(toHalf(0.1)) };
    expect(answer(one, [half])).toEqual([{ prediction: 0.099975586 }]);
    expect(answer(one, [int64(12, 9007199254740993n)], 2)).toEqual([
      { prediction: 12 },
      { prediction: 9007199254740993n },
    ]);
  });

  it('answers an array where a row has several, in the tensors’ order', () => {
    const two: Part = { output: { value: { tensors: ['v', 'w'] } } };
    expect(answer(two, [float32(1, 2, 3, 4), float64(5, 6)], 2)).toEqual([
      { prediction: [1, 2, 5] },
      { prediction: [3, 4, 6] },
    ]);
    const same: Part = { output: { value: { tensors: ['v', 'v'] } } };
    expect(createAnswerPlan(same).outputs).toEqual(['v']);
    expect(answer(same, [float32(1)])).toEqual([{ prediction: [1, 1] }]);
  });

  it('answers no rows with nothing, and refuses what no number is', () => {
    expect(answer(one, [float32()], 0)).toEqual([]);
    expect(() => answer(one, [float32(1, Number.NaN)], 2)).toThrow('"v" is NaN for row 6');
    expect(() => answer(one, [float32(Number.NEGATIVE_INFINITY)])).toThrow('"v" is -Infinity for row 5');
    expect(() => answer(one, [float32(1, 2, 3)], 2)).toThrow('"v" has 3 values for 2 rows');
    expect(() => answer(one, [float32()])).toThrow('"v" has 0 values');
    expect(() => answer(one, [])).toThrow('"v" is absent');
  });
});
