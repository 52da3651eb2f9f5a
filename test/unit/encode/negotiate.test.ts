import { expect, it } from 'vitest';
import { negotiate } from '../../../worker/encode/negotiate.ts';

const offered = ['application/json', 'text/csv', 'application/x-ndjson'] as const;

it.each([
  [null, 'application/json'],
  ['', 'application/json'],
  ['*/*', 'application/json'],
  ['*', 'application/json'],
  ['text/csv', 'text/csv'],
  ['Text/CSV; charset=utf-8', 'text/csv'],
  ['text/*', 'text/csv'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'application/json'],
  ['application/json;q=0.1, text/csv;q=0.2', 'text/csv'],
  ['*/*;q=0.5, application/json;q=0', 'text/csv'],
  ['application/*;q=0.2, application/x-ndjson', 'application/x-ndjson'],
  ['text/html', null],
  ['application/json;q=0', null],
  ['application/json;q=x', null],
])('%s: %s', (accept, expected) => {
  expect(negotiate(accept, offered)).toBe(expected);
});
