// What a form makes of a schema.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  findEmpty,
  isOpenChoice,
  toChanceRow,
  toExampleRow,
  toFieldKind,
  toStep,
  toText,
} from '../../../../playground/src/predict/fields.ts';
import type { FeatureSchema, PipelineSchema } from '../../../../worker/contract.ts';

const feature = (more: Partial<FeatureSchema> = {}): FeatureSchema => ({
  name: 'x',
  type: 'number',
  optional: false,
  ...more,
});
const schema = (features: FeatureSchema[], json: PipelineSchema['example']['json'] = {}): PipelineSchema => ({
  name: 'Test',
  task: 'regression',
  version: 1,
  features,
  label: null,
  classes: null,
  probability: false,
  limits: {},
  example: { query: '', json },
});

describe('the kind of a field', () => {
  it.each([
    [feature(), 'number'],
    [feature({ type: 'integer' }), 'number'],
    [feature({ type: 'integer', values: [1, 2] }), 'choice'],
    [feature({ type: 'string', values: ['a'] }), 'choice'],
    [feature({ type: 'string' }), 'text'],
    [feature({ type: 'string', values: [] }), 'text'],
    [feature({ type: 'boolean', values: [true, false] }), 'switch'],
    [feature({ length: 12 }), 'vector'],
    [feature({ type: 'image' }), 'image'],
  ] as const)('%j is a %s', (given, kind) => {
    expect(toFieldKind(given)).toBe(kind);
  });

  it('lays few short words open, and no more', () => {
    expect(isOpenChoice(['monthly', 'yearly', 'twoYears'])).toBe(true);
    expect(isOpenChoice(['a', 'b', 'c', 'd', 'e'])).toBe(false);
    expect(isOpenChoice(['a rather long word of its own', 'another rather long word'])).toBe(false);
  });
});

describe('a step', () => {
  it.each([
    [{ min: 4.3, max: 7.9 }, 0.02],
    [{ min: 18, max: 154.8 }, 1],
    [{ min: 9479, max: 33072 }, 100],
    [{ min: 0, max: 0.001 }, 0.000005],
  ])('of %j is %d', (range, step) => {
    expect(toStep(feature({ range }))).toBeCloseTo(step, 12);
  });

  it('of whole numbers is one, and so is that of no range', () => {
    expect(toStep(feature({ type: 'integer', range: { min: 0, max: 1e6 } }))).toBe(1);
    expect(toStep(feature())).toBe(1);
    expect(toStep(feature({ range: { min: 3, max: 3 } }))).toBe(1);
  });

  it('divides any range into 100 to 500 parts, and its values read as numbers', () => {
    const range = fc.tuple(
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
    );
    fc.assert(
      fc.property(range, fc.double({ min: 0, max: 1, noNaN: true }), ([min, span], at) => {
        fc.pre(min + span > min);
        const step = toStep(feature({ range: { min, max: min + span } }));
        const parts = (min + span - min) / step;
        expect(parts).toBeGreaterThan(90);
        expect(parts).toBeLessThan(550);
        const value = min + at * span;
        expect(Math.abs(Number(toText(value, step)) - value)).toBeLessThanOrEqual(step + Math.abs(value) * 1e-12);
      }),
    );
  });
});

describe('rows', () => {
  const all = schema(
    [
      feature({ name: 'age', type: 'integer', range: { min: 1, max: 9 } }),
      feature({ name: 'word', type: 'string', values: ['a', 'b'] }),
      feature({ name: 'yes', type: 'boolean' }),
      feature({ name: 'window', length: 3 }),
      feature({ name: 'picture', type: 'image' }),
      feature({ name: 'blank', optional: true }),
    ],
    { age: 4, word: 'b', yes: 'true', window: [1, 2, 3], picture: 'base64…' },
  );

  it('begin with the example, as it would be typed, and without an image', () => {
    expect(toExampleRow(all)).toEqual({
      age: '4',
      word: 'b',
      yes: true,
      window: [1, 2, 3],
      picture: null,
      blank: null,
    });
  });

  it('by chance stay within what training has seen', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.double({ min: 0, max: 0.999999, noNaN: true })), (numbers) => {
        const row = toChanceRow(all, () => numbers.next().value ?? 0);
        expect(Number(row.age)).toBeGreaterThanOrEqual(1);
        expect(Number(row.age)).toBeLessThanOrEqual(9);
        expect(String(row.age)).toMatch(/^\d$/);
        expect(['a', 'b']).toContain(row.word);
        expect(row.window).toHaveLength(3);
        expect(row.picture).toBeNull();
      }),
    );
  });

  it('lack what is needed and empty', () => {
    expect(findEmpty(all, toExampleRow(all))).toEqual(['picture']);
    expect(findEmpty(all, {})).toEqual(['age', 'word', 'yes', 'window', 'picture']);
  });
});
