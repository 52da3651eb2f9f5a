// How numbers, probabilities and suggestions read.
import { expect, it } from 'vitest';
import { toMilliseconds, toPercent, toReadable } from '../../../../playground/src/numbers.ts';
import { toHistory } from '../../../../playground/src/predict/history.ts';
import { findSuggestedValue } from '../../../../playground/src/predict/suggestion.ts';
import type { FeatureSchema, PipelineSchema } from '../../../../worker/contract.ts';

it.each([
  [885.4321, '885.4'],
  [1641.27, '1641'],
  [33072, '33,072'],
  [1880, '1880'],
  [0.000123456, '0.0001235'],
  [-12.3456, '-12.35'],
  [0, '0'],
])('%d reads %s', (value, text) => {
  expect(toReadable(value)).toBe(text);
});

it('claims no certainty that is none', () => {
  expect(toPercent(1)).toBe('100.0 %');
  expect(toPercent(0.99996)).toBe('> 99.9 %');
  expect(toPercent(0.00004)).toBe('< 0.1 %');
  expect(toPercent(0)).toBe('0.0 %');
  expect(toPercent(0.39285714)).toBe('39.3 %');
});

it('tells time in as many digits as count', () => {
  expect(toMilliseconds(4.26)).toBe('4.3 ms');
  expect(toMilliseconds(41.7)).toBe('42 ms');
});

it('offers a suggestion to click where it is a value', () => {
  const number: FeatureSchema = { name: 'x', type: 'number', optional: false };
  const word: FeatureSchema = { name: 'x', type: 'string', optional: false, values: ['male', 'female'] };
  const issue = (suggestion?: string) => ({
    row: 1,
    feature: 'x',
    code: 'invalid_value' as const,
    message: '',
    ...(suggestion === undefined ? {} : { suggestion }),
  });
  expect(findSuggestedValue(number, issue('1.5'))).toBe('1.5');
  expect(findSuggestedValue(number, issue('a decimal such as 5.1'))).toBeNull();
  expect(findSuggestedValue(word, issue('male'))).toBe('male');
  expect(findSuggestedValue(word, issue('male, female'))).toBeNull();
  expect(findSuggestedValue(word, issue())).toBeNull();
  expect(findSuggestedValue(word, undefined)).toBeNull();
});

it('finds what a forecast starts from', () => {
  const lags = {
    features: [
      { name: 'm2', type: 'number' },
      { name: 'm1', type: 'number' },
      { name: 'town', type: 'string' },
    ],
  };
  expect(toHistory(lags as PipelineSchema, { m2: '5', m1: '6.5', town: 'x' })).toEqual([
    { name: 'm2', value: 5 },
    { name: 'm1', value: 6.5 },
  ]);
  const series = { features: [{ name: 'w', type: 'number', length: 2 }] };
  expect(toHistory(series as PipelineSchema, { w: [1, 2] })).toEqual([
    { name: '-1', value: 1 },
    { name: '0', value: 2 },
  ]);
  expect(toHistory(series as PipelineSchema, { w: null })).toEqual([]);
});
