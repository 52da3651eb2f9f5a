// What the server says of a chunk, said of the file.
import { describe, expect, it } from 'vitest';
import { sliceChunk } from '../../../../playground/src/csv/chunks.ts';
import { toRunFailure } from '../../../../playground/src/csv/failure.ts';
import { chunkOf, errorOf } from './support.ts';

const issue = (row: number, feature: string, code: 'invalid_value' | 'missing_features' | 'unknown_feature') => ({
  row,
  feature,
  code,
  message: `${feature}: ${code}`,
});
const text = `a,b,colour\n${Array.from({ length: 50 }, (_, i) => `${i + 1},2,3\n\n`).join('')}`;
/** Rows 41 to 50 of the file, a blank line after each. */
const chunk = sliceChunk(await chunkOf(text), 40);

describe('a failure', () => {
  it('names the row of the file, its line and what stands there', () => {
    const body = errorOf('invalid_value', {
      message: 'a takes a number, got "row 3".',
      issues: [{ ...issue(3, 'a', 'invalid_value'), suggestion: '1.5' }, issue(4, 'b', 'missing_features')],
      issue_count: 12,
    });
    expect(toRunFailure(body, 400, chunk)).toEqual({
      kind: 'refused',
      message: 'a takes a number, got "row 3".',
      detail: '400 invalid_value, request 1f2e3d4c',
      place: { row: 43, line: 86, record: '43,2,3' },
      issues: [
        { row: 43, column: 'a', message: 'a: invalid_value', suggestion: '1.5' },
        { row: 44, column: 'b', message: 'b: missing_features', suggestion: null },
      ],
      moreIssues: 10,
    });
  });

  it('blames the header for what the header lacks or has too much, once', () => {
    const body = errorOf('unknown_feature', {
      message: 'Unknown feature "colour".',
      issues: [
        issue(1, 'colour', 'unknown_feature'),
        issue(1, 'c', 'missing_features'),
        issue(2, 'c', 'missing_features'),
      ],
      issue_count: 500,
    });
    const failure = toRunFailure(body, 400, chunk);
    expect(failure.issues.map(({ row, column }) => [row, column])).toEqual([
      [null, 'colour'],
      [null, 'c'],
    ]);
    expect(failure).toMatchObject({ place: null, moreIssues: 0 });
  });

  it.each([
    [
      'Row 2 (line 3) of the CSV is malformed: it has 2 cells, the header has 3.',
      'Row 42 (line 84) of the CSV is malformed: it has 2 cells, the header has 3.',
      42,
    ],
    ['The model rejects row 10: no such row 5', 'The model rejects row 50: no such row 5', 50],
    ['"row 1" is NaN for row 7', '"row 1" is NaN for row 47', 47],
    ['The model rejects the input: borrow 3', 'The model rejects the input: borrow 3', null],
  ])('translates the row of a message: %s', (message, translated, row) => {
    const failure = toRunFailure(errorOf('malformed_body', { message }), 400, chunk);
    expect(failure.message).toBe(translated);
    expect(failure.place?.row ?? null).toBe(row);
  });

  it('shows no example that is of no use to a file', () => {
    const message = 'Missing features: a, b. An example query: ?a=1&b=2';
    expect(toRunFailure(errorOf('missing_features', { message }), 400, chunk).message).toBe('Missing features: a, b.');
  });

  it.each([
    ['api_unreachable', 'interrupted'],
    ['rate_limited', 'interrupted'],
    ['daily_limit', 'interrupted'],
    ['model_unavailable', 'interrupted'],
    ['internal', 'interrupted'],
    ['model_output_invalid', 'refused'],
    ['prediction_failed', 'refused'],
    ['pipeline_inactive', 'refused'],
  ] as const)('of the kind %s is %s', (code, kind) => {
    expect(toRunFailure(errorOf(code), 200, chunk).kind).toBe(kind);
  });
});
