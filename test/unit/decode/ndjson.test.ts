import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeNdjson } from '../../../worker/decode/ndjson.ts';
import { LIMITS } from '../../../worker/limits.ts';
import { catchError, collect, createIssues, expectRest, toBody, toColumns, toRows } from './support.ts';

const columns = toColumns({ a: 'number', b: 'string' });

function decode(content: string, sizes?: readonly number[], issues = createIssues()) {
  return collect(decodeNdjson(toBody(content, sizes).body, columns, issues, { chunkRows: 3 }));
}

it('reads one object per line, skipping blank lines', async () => {
  const rows = [
    [1, undefined],
    [undefined, 'é\n'],
  ];
  expect(await decode('{"a":1}\n\n  \r\n{"b":"é\\n"}')).toEqual(rows);
  expect(await decode('\uFEFF{"a":1}\r\n{"b":"é\\n"}\r\n')).toEqual(rows);
  expect(await decode('')).toEqual([]);
});

it('yields chunks of at most chunkRows', async () => {
  const sizes: number[] = [];
  const { body } = toBody('{"a":1}\n'.repeat(8));
  for await (const rows of decodeNdjson(body, columns, createIssues(), { chunkRows: 3 }))
    sizes.push(toRows(rows).length);
  expect(sizes).toEqual([3, 3, 2]);
});

it('names row and line of what is wrong', async () => {
  const broken = await catchError(() => decode('{"a":1}\n\n{"a":}\n'));
  expect(broken).toMatchObject({ code: 'malformed_body' });
  expect(broken.message).toContain('Row 2 (line 3) is not valid JSON: expected a value at line 1, column 6');
  expect((await catchError(() => decode('{"a":1}\n[1]'))).message).toContain('Row 2 is an array');
  const issues = createIssues();
  await decode('{"a":1}\n{"c":1}', undefined, issues);
  expect(issues.listed).toMatchObject([{ row: 2, feature: 'c', code: 'unknown_feature' }]);
});

it('bounds a line', async () => {
  const error = await catchError(() => decode(`{"a":1}\n{"b":"${'x'.repeat(LIMITS.LINE_BYTES)}`, [100_000]));
  expect(error).toMatchObject({ code: 'body_too_large', message: expect.stringContaining('Line 2') });
});

it('leaves the rest of the body when nobody reads on', async () => {
  const left = toBody('{"a":1}\n'.repeat(20), [5]);
  for await (const _ of decodeNdjson(left.body, columns, createIssues(), { chunkRows: 3 })) break;
  await expectRest(left);
});

it('gives the same rows however the bytes are cut', async () => {
  const objects = fc.array(
    fc.record({ a: fc.double({ noNaN: true, noDefaultInfinity: true }), b: fc.string({ unit: 'binary' }) }),
  );
  const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(objects, sizes, async (list, cuts) => {
      const text = list.map((each) => JSON.stringify(each)).join('\n');
      expect(await decode(text, cuts)).toEqual(list.map(({ a, b }) => [Object.is(a, -0) ? 0 : a, b]));
    }),
  );
});
