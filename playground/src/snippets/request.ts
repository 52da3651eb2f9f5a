// What a snippet sends: the row of the form as the values that a server would have. Pure.
import type { FeatureSchema, PipelineSchema } from '../../../worker/contract.ts';
import type { Row, RowValue } from '../row.ts';

export type SnippetValue = string | number | boolean | readonly number[] | null;

/** The columns, in the order of the features; null: a value that is missing, as optional features may be. */
export type SnippetRow = Readonly<Record<string, SnippetValue>>;

export interface SnippetRequest {
  readonly row: SnippetRow;
  /** Where the model takes an image: its feature, and the name of the file beside the program. */
  readonly image: SnippetImage | null;
}

export interface SnippetImage {
  readonly feature: string;
  readonly file: string;
  readonly type: 'image/png' | 'image/jpeg' | 'image/webp';
}

/** The decimals that the API reads (docs/api.md); Number alone would take 0x10 and blanks as well. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

export function toSnippetRequest({ features, example }: PipelineSchema, row: Row): SnippetRequest {
  const picture = features.find(({ type }) => type === 'image');
  const columns = features.flatMap((feature): [string, SnippetValue][] => {
    if (feature.type === 'image') return [];
    const value = row[feature.name] ?? null;
    // What is needed and empty is as in the example: a snippet that cannot work helps nobody.
    const shown = value === null && !feature.optional ? (example.json[feature.name] ?? null) : value;
    return [[feature.name, toValue(feature, Array.isArray(shown) ? shown.map(Number) : shown)]];
  });
  return {
    row: Object.fromEntries(columns),
    image: picture === undefined ? null : toImage(picture.name, row[picture.name] ?? null),
  };
}

function toValue({ type }: FeatureSchema, value: RowValue): SnippetValue {
  if (value instanceof Blob) return null;
  if (typeof value !== 'string') return value;
  const number = Number(value);
  const isExact = type === 'integer' ? Number.isSafeInteger(number) : type === 'number' && Number.isFinite(number);
  // As it was typed where a number would not be the same: the API takes both, and says best what is no number.
  if (isExact && DECIMAL.test(value)) return number;
  // No source file holds half a character, and few languages a NUL in a text.
  return value.toWellFormed().replaceAll('\0', '');
}

function toImage(feature: string, value: RowValue): SnippetImage {
  const given = value instanceof Blob ? value.type : '';
  if (given === 'image/jpeg') return { feature, file: 'image.jpg', type: given };
  if (given === 'image/webp') return { feature, file: 'image.webp', type: given };
  return { feature, file: 'image.png', type: 'image/png' };
}
