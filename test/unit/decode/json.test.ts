import { expect, it } from 'vitest';
import { decodeJson } from '../../../worker/decode/json.ts';
import { LIMITS } from '../../../worker/limits.ts';
import { createColumns } from '../../../worker/pipeline/row.ts';
import { catchError, createIssues, toColumns } from './support.ts';

const columns = toColumns({ a: 'number', b: 'string' }, 'label');
const decode = (text: string) => decodeJson(text, columns, createIssues());

it('reads an object as one row and an array as many', () => {
  expect(decode('{"b":"x","a":1.5,"label":"y"}')).toEqual({ rows: [[1.5, 'x']], many: false });
  expect(decode('[{"a":1},{"b":null}]')).toEqual({
    rows: [
      [1, undefined],
      [undefined, null],
    ],
    many: true,
  });
  expect(decode('[]')).toEqual({ rows: [], many: true });
  expect(decode('{"a":[1,2,null,"x",true]}').rows).toEqual([[[1, 2, null, 'x', true], undefined]]);
});

it('treats the names of object internals as any other key', () => {
  const issues = createIssues();
  decodeJson('{"__proto__":1,"constructor":2,"toString":3,"hasOwnProperty":4}', columns, issues);
  expect(issues.listed.map(({ feature }) => feature)).toEqual([
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
  ]);
  const own = createColumns({ features: [{ name: '__proto__', type: 'number' }] });
  expect(decodeJson('{"__proto__":1}', own, createIssues()).rows).toEqual([[1]]);
});

it('reports objects as values, and arrays inside arrays, by row', () => {
  const issues = createIssues();
  decodeJson('[{"a":1},{"a":{"x":1},"b":[[1]]}]', columns, issues);
  expect(issues.listed.map(({ row, feature, code }) => [row, feature, code])).toEqual([
    [2, 'a', 'invalid_value'],
    [2, 'b', 'invalid_value'],
  ]);
});

it.each([
  ['', 'is empty'],
  [' \n', 'is empty'],
  ['3', 'is a number'],
  ['"x"', 'is a string'],
  ['null', 'is null'],
  ['[1]', 'Row 1 is a number'],
  ['[{},[]]', 'Row 2 is an array'],
  ['{"a":1,}', 'expected a name in double quotes at line 1, column 8, found "}"'],
  ['{"a":1\n "b":2}', 'expected , or } at line 2, column 2, found "\\""'],
  ["{'a':1}", 'expected a name in double quotes or } at line 1, column 2, found "\'"'],
  ['{"a":NaN}', 'expected a value at line 1, column 6, found "NaN" (JSON knows'],
  ['{"a":.5}', 'expected a value at line 1, column 6, found ".5"'],
  ['{"a":01}', 'expected a value at line 1, column 6, found "01"'],
  ['{"a":"x', 'the string at line 1, column 6 is not closed'],
  ['{"a":"x\ny"}', 'the string at line 1, column 6 is not closed'],
  ['{"a":"\\x"}', 'the string at line 1, column 6 is not closed'],
  ['{"a":1', 'it ends too early, expected , or }'],
  ['[{"a":1},]', 'expected a value at line 1, column 10'],
  ['{"a":1}\n{"a":2}', 'expected nothing more (for one object per line send application/x-ndjson) at line 2, column 1'],
  ['a=1&b=2', 'expected a value at line 1, column 1, found "a"'],
  ['{"a":1]', 'expected , or } at line 1, column 7, found "]"'],
  ['[1}', 'expected , or ] at line 1, column 3, found "}"'],
])('refuses %j: %s', async (text, reason) => {
  const error = await catchError(() => decode(text));
  expect(error.code).toBe('malformed_body');
  expect(error.message).toContain(reason);
});

it('survives depth and size', async () => {
  expect((await catchError(() => decode('['.repeat(1_000_000)))).code).toBe('malformed_body');
  expect((await catchError(() => decode(`{"a":"${'x'.repeat(8_000_000)}`))).message).toContain('is not closed');
  const many = await catchError(() => decode(`[${'{},'.repeat(LIMITS.JSON_ROWS)}{}]`));
  expect(many).toMatchObject({ code: 'body_too_large', message: expect.stringContaining(String(LIMITS.JSON_ROWS)) });
});
