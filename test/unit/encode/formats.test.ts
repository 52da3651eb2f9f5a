import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../worker/encode/answer.ts';
import { createCsvEncoder } from '../../../worker/encode/csv.ts';
import type { AnswerEncoder } from '../../../worker/encode/encoder.ts';
import { createAnswerWriter, createJsonEncoder } from '../../../worker/encode/json.ts';
import { createNdjsonEncoder } from '../../../worker/encode/ndjson.ts';
import { AppError, toErrorBody } from '../../../worker/errors.ts';
import type { Output } from '../../../worker/pipeline/manifest.ts';

const iris: Answer = { prediction: 'Iris-virginica', probability: [0.39285714, 0.10714286, 0.5] };
const classes = ['Iris-setosa', 'Iris-versicolor', 'Iris-virginica'];
const failure = toErrorBody(new AppError('malformed_body', 'Row 3, "x"'), 'r1');
const failureJson =
  '{"error":"api request failure","code":"malformed_body","message":"Row 3, \\"x\\"","request_id":"r1"}';

function write(encoder: AnswerEncoder, chunks: Answer[][], fails = false): string {
  const rows = encoder.begin() + chunks.map((chunk) => encoder.rows(chunk)).join('');
  return rows + (fails ? encoder.fail(failure) : encoder.end());
}

describe('JSON', () => {
  it('is byte for byte what the contract shows', () => {
    expect(createAnswerWriter()(iris)).toBe(
      '{"prediction":"Iris-virginica","probability":[0.39285714,0.10714286,0.5]}',
    );
  });

  it.each<[Answer['prediction'], string]>([
    [3.14, '3.14'],
    [9007199254740993n, '9007199254740993'],
    [true, 'true'],
    [[1, 2.5, 3n], '[1,2.5,3]'],
    ['a"\n\u2028é', JSON.stringify('a"\n\u2028é')],
    [-0, '0'],
    [1e-8, '1e-8'],
  ])('writes a prediction %s', (prediction, text) => {
    expect(createAnswerWriter()({ prediction })).toBe(`{"prediction":${text}}`);
    expect(() => JSON.parse(`{"prediction":${text}}`)).not.toThrow();
  });

  it('includes classes, and the top, best first', () => {
    const both = createAnswerWriter({ classes, includeClasses: true, includeTop: true });
    expect(JSON.parse(both(iris))).toEqual({
      ...iris,
      classes,
      top: [
        { class: 'Iris-virginica', probability: 0.5 },
        { class: 'Iris-setosa', probability: 0.39285714 },
        { class: 'Iris-versicolor', probability: 0.10714286 },
      ],
    });
    expect(both({ prediction: 'a' })).toBe(
      '{"prediction":"a","classes":["Iris-setosa","Iris-versicolor","Iris-virginica"]}',
    );
    expect(createAnswerWriter({ includeClasses: true, includeTop: true })({ prediction: 1 })).toBe('{"prediction":1}');
  });

  it('is one array over all chunks, also of none, also when it fails', () => {
    expect(write(createJsonEncoder(), [[{ prediction: 1 }, { prediction: 2 }], [], [{ prediction: 3 }]])).toBe(
      '[{"prediction":1},{"prediction":2},{"prediction":3}]',
    );
    expect(write(createJsonEncoder(), [])).toBe('[]');
    expect(write(createJsonEncoder(), [[{ prediction: 1 }]], true)).toBe(`[{"prediction":1},${failureJson}]`);
    expect(write(createJsonEncoder(), [], true)).toBe(`[${failureJson}]`);
  });
});

describe('NDJSON', () => {
  it('is a line per answer, and one for a failure', () => {
    expect(write(createNdjsonEncoder(), [[{ prediction: 1 }], [{ prediction: 'x' }]])).toBe(
      '{"prediction":1}\n{"prediction":"x"}\n',
    );
    expect(write(createNdjsonEncoder(), [[{ prediction: 1 }]], true)).toBe(`{"prediction":1}\n${failureJson}\n`);
  });
});

describe('CSV', () => {
  const probability: NonNullable<Output['probability']> = { tensors: ['p'], form: 'vector', activation: 'none' };

  it('names a column per class, once', () => {
    const encoder = createCsvEncoder({ classes: ['a', 'b,"c"'], output: { probability } });
    const answers: Answer[] = [{ prediction: 'b,"c"', probability: [0.25, 0.75] }];
    expect(write(encoder, [[], answers, answers])).toBe(
      'prediction,"probability_b,""c"""\n'.replace('prediction,', 'prediction,probability_a,') +
        '"b,""c""",0.25,0.75\n"b,""c""",0.25,0.75\n',
    );
  });

  it('names a column per value, by the labels where their number fits', () => {
    const output = { value: { tensors: ['v'] } };
    const answers: Answer[] = [{ prediction: [1, 2.5] }];
    expect(write(createCsvEncoder({ output }), [answers])).toBe('prediction_1,prediction_2\n1,2.5\n');
    expect(write(createCsvEncoder({ output, label: ['x', 'y'] }), [answers])).toBe('x,y\n1,2.5\n');
    expect(write(createCsvEncoder({ output, label: ['x'] }), [[{ prediction: 1 }]])).toBe('prediction\n1\n');
  });

  it('has a header without rows, and no probabilities of scores', () => {
    const scores = { classes: ['a', 'b'], output: { probability: { ...probability, activation: 'scores' as const } } };
    expect(write(createCsvEncoder(scores), [])).toBe('prediction\n');
    expect(write(createCsvEncoder({ output: {}, label: ['x', 'y'] }), [])).toBe('x,y\n');
  });

  it('ends with an error record', () => {
    const text = write(createCsvEncoder({ output: {} }), [[{ prediction: 1 }]], true);
    expect(text).toBe(`prediction\n1\nerror,"${failureJson.replaceAll('"', '""')}"\n`);
  });
});
