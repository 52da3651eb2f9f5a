import { describe, expect, it } from 'vitest';
import { createValueParser, Misfit } from '../../../worker/pipeline/feature.ts';
import type { Dtype, Feature } from '../../../worker/pipeline/manifest.ts';
import type { RawScalar } from '../../../worker/pipeline/row.ts';

const parse = (feature: Partial<Feature>, dtype: Dtype, raw: RawScalar) =>
  createValueParser({ name: 'x', type: 'number', ...feature }, dtype)(raw);
const misfit = (feature: Partial<Feature>, dtype: Dtype, raw: RawScalar): Misfit => {
  const value = parse(feature, dtype, raw);
  if (!(value instanceof Misfit)) throw new Error(`expected a misfit, got ${value}`);
  return value;
};

describe('numbers', () => {
  it.each([
    ['5.1', 5.1],
    ['1e3', 1000],
    ['-1E-3', -0.001],
    ['+2', 2],
    ['.5', 0.5],
    ['5.', 5],
    ['007', 7],
    [' 5 ', 5],
    [3.25, 3.25],
    ['-0', -0],
  ])('reads %j', (raw, value) => expect(parse({}, 'float32', raw)).toBe(value));

  it.each([
    '',
    ' ',
    '1,5',
    '0x10',
    'Infinity',
    '-inf',
    'NaN',
    '1_000',
    '1e',
    '--1',
    '1.2.3',
    '٣',
    '5 cm',
    'true',
    true,
  ])('refuses %j', (raw) => expect(parse({}, 'float32', raw)).toBeInstanceOf(Misfit));

  it('suggests the point for a decimal comma', () => expect(misfit({}, 'float32', '1,5').suggestion).toBe('1.5'));

  it('refuses what the tensor cannot hold', () => {
    expect(parse({}, 'float32', '1e39')).toBeInstanceOf(Misfit);
    expect(parse({}, 'float64', '1e39')).toBe(1e39);
    expect(parse({}, 'float64', '1e999')).toBeInstanceOf(Misfit);
    expect(parse({}, 'float64', Number.POSITIVE_INFINITY)).toBeInstanceOf(Misfit);
    expect(parse({}, 'float16', '70000')).toBeInstanceOf(Misfit);
  });
});

describe('integers', () => {
  const integer = { type: 'integer' } as const;
  it.each([
    ['3', 'int32', 3],
    ['-128', 'int8', -128],
    ['23.0', 'int32', 23],
    ['1e3', 'int32', 1000],
    [255, 'uint8', 255],
    ['9223372036854775807', 'int64', 9223372036854775807n],
    [-5, 'int64', -5n],
    ['18446744073709551615', 'uint64', 18446744073709551615n],
  ] as const)('reads %j for %s', (raw, dtype, value) => expect(parse(integer, dtype, raw)).toBe(value));

  it.each([
    ['3.5', 'int32'],
    ['128', 'int8'],
    ['-1', 'uint8'],
    ['9223372036854775808', 'int64'],
    ['', 'int64'],
    ['abc', 'int64'],
  ] as const)('refuses %j for %s', (raw, dtype) => expect(parse(integer, dtype, raw)).toBeInstanceOf(Misfit));

  it('refuses a JSON number that has lost its last digits', () => {
    expect(misfit(integer, 'int64', 2 ** 53).suggestion).toBe('the digits as a string');
  });
});

describe('booleans', () => {
  const boolean = { type: 'boolean' } as const;
  it.each([
    ['true', 1],
    ['False', 0],
    ['1', 1],
    [0, 0],
    [true, 1],
  ])('reads %j', (raw, value) => expect(parse(boolean, 'bool', raw)).toBe(value));
  it.each(['yes', '', '2', 2])('refuses %j', (raw) => expect(parse(boolean, 'bool', raw)).toBeInstanceOf(Misfit));

  it('spells them as training did where the tensor holds text', () => {
    const spelled = {
      ...boolean,
      encoding: [
        [false, 'False'],
        [true, 'True'],
      ],
    } satisfies Partial<Feature>;
    for (const raw of [true, 'true', 'True', '1', 1]) expect(parse(spelled, 'string', raw)).toBe('True');
    expect(parse(spelled, 'string', 'no')).toBeInstanceOf(Misfit);
  });
});

describe('text', () => {
  const text = { type: 'string' } as const;
  it('is taken as it is', () => expect(parse(text, 'string', ' São "Paulo", \n')).toBe(' São "Paulo", \n'));
  it('takes a number for its digits', () => expect(parse(text, 'string', 3)).toBe('3'));
  it('refuses NUL, behind which the engine would lose the rest', () => {
    expect(parse(text, 'string', 'a\0b')).toBeInstanceOf(Misfit);
  });
  it('keeps to the allowed values where they are closed', () => {
    const closed = { ...text, values: ['a', 'b'], closed: true };
    expect(parse(closed, 'string', 'a')).toBe('a');
    expect(misfit(closed, 'string', 'c').suggestion).toBe('a, b');
  });
  it('codes categories as numbers', () => {
    const coded = {
      ...text,
      encoding: [
        ['male', 0],
        ['__proto__', 1],
      ],
    } satisfies Partial<Feature>;
    expect(parse(coded, 'float32', '__proto__')).toBe(1);
    expect(parse(coded, 'int64', 'male')).toBe(0n);
    expect(misfit(coded, 'float32', 'constructor').suggestion).toBe('male, __proto__');
  });
  it('repeats no long value', () => {
    expect(misfit({}, 'float32', 'x'.repeat(10_000)).message.length).toBeLessThan(120);
  });
});
