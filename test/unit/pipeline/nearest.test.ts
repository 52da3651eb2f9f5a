import { expect, it } from 'vitest';
import { findNearest } from '../../../worker/pipeline/nearest.ts';

const names = ['sepalLength', 'sepalWidth', 'petalLength', 'petal width (cm)', 'x1', 'x2', 'pixel_784', 'age'];

it.each([
  ['sepalLenght', 'sepalLength'],
  ['SEPAL_LENGTH', 'sepalLength'],
  ['sepal-width', 'sepalWidth'],
  ['petalWidth', 'petal width (cm)'],
  ['ages', 'age'],
  ['agee', 'age'],
  ['x3', null],
  ['pixel_785', null],
  ['colour', null],
  ['', null],
  ['_', null],
  ['x'.repeat(100_000), null],
])('%s: %s', (key, expected) => {
  expect(findNearest(key, names)).toBe(expected);
});

it('is quick with thousands of names and hostile keys', () => {
  const many = Array.from({ length: 2000 }, (_, i) => `feature_number_${i}_of_the_sensor_${i % 7}`);
  // Of this process alone: what else the machine does meanwhile does not count.
  const before = process.cpuUsage();
  for (let i = 0; i < 100; i++) findNearest(`feature_numbre_${i}x_of_teh_sensor_a`, many);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(2000);
});
