import { expect, it } from 'vitest';
import { decodeForm } from '../../../worker/decode/form.ts';
import { decodeQuery } from '../../../worker/decode/query.ts';
import { catchError, createIssues, toColumns } from './support.ts';

const columns = toColumns({ sepalLength: 'number', text: 'string', '50% off': 'string' }, 'label');
const decode = (search: string) => decodeQuery(search, columns, createIssues());

it('puts values in the features’ order, with or without a question mark', () => {
  expect(decode('?text=a&sepalLength=1.0')).toEqual(['1.0', 'a', undefined]);
  expect(decode('text=a&sepalLength=1.0')).toEqual(['1.0', 'a', undefined]);
  expect(decode('')).toEqual([undefined, undefined, undefined]);
});

it('decodes plus and percent in keys and values', () => {
  expect(decode('50%25+off=a+b%2Bc%26d%3De%C3%A9%F0%9F%98%80')[2]).toBe('a b+c&d=eé😀');
});

it('keeps what follows the first equals sign, and an absent value as empty', () => {
  expect(decode('text=a=b==')[1]).toBe('a=b==');
  expect(decode('text')[1]).toBe('');
  expect(decode('&&text=&sepalLength')).toEqual(['', '', undefined]);
  expect(decode('text&sepalLength=5')).toEqual(['5', '', undefined]);
});

it('makes an array of a repeated key', () => {
  expect(decode('sepalLength=1&sepalLength=2&sepalLength=3')[0]).toEqual(['1', '2', '3']);
});

it('ignores the label and reserved keys, reports the others', () => {
  const issues = createIssues();
  const row = decodeQuery('label=x&$include=top&$other=1&sepalLenght=2', columns, issues, ['$include']);
  expect(row).toEqual([undefined, undefined, undefined]);
  expect(issues.listed).toEqual([
    { row: 1, feature: '$other', code: 'unknown_feature', message: 'Unknown feature "$other".' },
    {
      row: 1,
      feature: 'sepalLenght',
      code: 'unknown_feature',
      message: 'Unknown feature "sepalLenght". Did you mean "sepalLength"?',
      suggestion: 'sepalLength',
    },
  ]);
});

it.each([
  ['text=100%', 9],
  ['text=a%zz', 7],
  ['sepalLength=1&text=%C3%A9%E9x', 26],
  ['text=%C3%A9%C3%A9%FF%20', 18],
  ['text=%C3', 6],
])('refuses %s, naming character %i', async (search, position) => {
  const error = await catchError(() => decode(search));
  expect(error).toMatchObject({ code: 'malformed_body' });
  expect(error.message).toContain(`at character ${position}:`);
});

it('stays linear in hostile text', () => {
  const issues = createIssues();
  const started = performance.now();
  decodeForm('a&'.repeat(500_000), columns, issues);
  decodeForm(`k=${'%20'.repeat(300_000)}`, columns, issues);
  expect(issues.count).toBe(500_001);
  expect(performance.now() - started).toBeLessThan(3000);
});

it('reads a form by the same rules, without a final line break', () => {
  expect(decodeForm('text=a+b&sepalLength=1\r\n', columns, createIssues())).toEqual(['1', 'a b', undefined]);
});
