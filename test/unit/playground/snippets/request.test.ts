// What the form holds becomes what a server would send: numbers where they are exact, the example where something is missing.
import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../../../playground/src/snippets/languages.ts';
import { type SnippetRequest, toSnippetRequest } from '../../../../playground/src/snippets/request.ts';
import type { FeatureSchema, PipelineSchema } from '../../../../worker/contract.ts';

function toSchema(features: FeatureSchema[], json: PipelineSchema['example']['json'] = {}): PipelineSchema {
  return {
    name: 'Test',
    task: 'regression',
    version: 1,
    features,
    label: null,
    classes: null,
    probability: false,
    limits: {},
    example: { query: '', json },
  };
}

const number: FeatureSchema = { name: 'x', type: 'number', optional: false };
const integer: FeatureSchema = { name: 'x', type: 'integer', optional: false };
const word: FeatureSchema = { name: 'x', type: 'string', optional: false };
const image: FeatureSchema = { name: 'photo', type: 'image', optional: false };

describe('a value', () => {
  it.each<[string, FeatureSchema, string | boolean | number[] | null, unknown]>([
    ['a decimal', number, '5.10', 5.1],
    ['a decimal with an exponent', number, '1e3', 1000],
    ['no decimal of the API', number, '0x10', '0x10'],
    ['a decimal comma', number, '1,5', '1,5'],
    ['nothing but a blank', number, ' ', ' '],
    ['too large a number', number, '1e999', '1e999'],
    ['an integer', integer, '42', 42],
    ['an integer that a number would change', integer, '9007199254740993', '9007199254740993'],
    ['a word that looks like a number', word, '042', '042'],
    ['half a character and a NUL', word, 'a\ud800b\0c', 'a\ufffdbc'],
    ['a truth', { name: 'x', type: 'boolean', optional: false }, true, true],
    ['a vector', { ...number, length: 2 }, [1, 2.5], [1, 2.5]],
  ])('%s', (_, feature, given, sent) => {
    expect(toSnippetRequest(toSchema([feature]), { x: given })).toEqual({ row: { x: sent }, image: null });
  });

  it('is missing where it may be, and as in the example where it may not', () => {
    const json = { x: 7, v: [1, 2] };
    const vector: FeatureSchema = { name: 'v', type: 'number', optional: false, length: 2 };
    expect(toSnippetRequest(toSchema([number, vector], json), { x: null }).row).toEqual({ x: 7, v: [1, 2] });
    expect(toSnippetRequest(toSchema([{ ...number, optional: true }], json), { x: null }).row).toEqual({ x: null });
  });
});

it('an image is a file beside the program, of its type', () => {
  const schema = toSchema([image, number]);
  const png = { feature: 'photo', file: 'image.png', type: 'image/png' };
  expect(toSnippetRequest(schema, { photo: null, x: '1' })).toEqual({ row: { x: 1 }, image: png });
  const jpeg = new Blob(['…'], { type: 'image/jpeg' });
  expect(toSnippetRequest(schema, { photo: jpeg, x: '1' }).image?.file).toBe('image.jpg');
});

const table: SnippetRequest = { row: { x: 1, word: 'a "b"', gone: null }, image: null };
const picture: SnippetRequest = { row: {}, image: { feature: 'photo', file: 'image.png', type: 'image/png' } };

describe.each(LANGUAGES)('$name', (language) => {
  it.each([table, picture])('reads the URL from the environment and fits into the pane', (request) => {
    const text = language.write(request);
    expect(text).toContain('PIPELINE_URL');
    expect(text).not.toMatch(/https?:\/\/|pipeline_/);
    expect(text).toMatch(/[^\n]\n$/);
    expect(text).not.toMatch(/[ \t]\n|\n\n\n|undefined|\[object/);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});
