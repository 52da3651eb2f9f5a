// The sample: the same for the same schema, and made of values that the pipeline takes.
import { expect, it } from 'vitest';
import { splitCells } from '../../../../playground/src/csv/header.ts';
import { toSampleCsv } from '../../../../playground/src/csv/sample.ts';
import { feature, schemaOf } from './support.ts';

const schema = schemaOf({
  features: [
    feature('size', { range: { min: 10, max: 20 } }),
    feature('rooms', { type: 'integer', range: { min: 1, max: 5 } }),
    feature('place', { type: 'string', values: ['here, now', 'there'], closed: true }),
    feature('balcony', { type: 'boolean' }),
    feature('history', { length: 3 }),
    feature('note', { type: 'string', optional: true }),
  ],
  example: { query: '', json: { size: 12.5, rooms: 2, place: 'there', balcony: true, history: [1, 2, 3] } },
});

it('begins with the example, and stays within what training has seen', () => {
  const text = toSampleCsv(schema, 50);
  const [header, example, ...more] = text
    .trimEnd()
    .split('\n')
    .map((line) => splitCells(line, ','));
  expect(header).toEqual(['size', 'rooms', 'place', 'balcony', 'history', 'note']);
  expect(example).toEqual(['12.5', '2', 'there', 'true', '[1,2,3]', '']);
  expect(more).toHaveLength(49);
  for (const [size, rooms, place, balcony, history, note] of more) {
    expect(Number(size)).toBeGreaterThanOrEqual(10);
    expect(Number(size)).toBeLessThanOrEqual(20);
    expect(rooms).toMatch(/^[1-5]$/);
    expect(['here, now', 'there']).toContain(place);
    expect(balcony).toMatch(/^(true|false)$/);
    expect(JSON.parse(history ?? '')).toHaveLength(3);
    expect(note).toBe('');
  }
  expect(new Set(more.map(([size]) => size)).size).toBeGreaterThan(20);
  expect(toSampleCsv(schema, 50)).toBe(text);
});
