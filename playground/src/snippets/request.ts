// What a snippet sends: the row of the form as the values a server would have. Pure.
import type { FeatureSchema, PipelineSchema } from '../../../worker/contract.ts';
import type { Row, RowValue } from '../row.ts';

export type SnippetValue = string | number | boolean | readonly number[] | null;

/** The columns of a row, in the order of the features; null is a value that is left out. */
export type SnippetRow = Readonly<Record<string, SnippetValue>>;

export interface SnippetRequest {
  readonly row: SnippetRow;
  /** Where the model takes an image: its form field and the name of the file. */
  readonly image: { readonly field: string; readonly file: string } | null;
}

/** A snippet of one language. */
export interface Language {
  readonly id: string;
  readonly name: string;
  /** The file that a person makes of it. */
  readonly file: string;
  /** How it is run. */
  readonly run: string;
  /** What must be there first, where it does not come with the language. */
  readonly needs?: string;
  /** The name of its syntax for highlight.js. */
  readonly syntax: string;
  readonly write: (request: SnippetRequest) => string;
}

const EXTENSIONS: Readonly<Record<string, string>> = { 'image/jpeg': 'jpg', 'image/webp': 'webp' };

export function toSnippetRequest({ features, example }: PipelineSchema, row: Row): SnippetRequest {
  const columns = features.filter(({ type }) => type !== 'image');
  const picture = features.find(({ type }) => type === 'image');
  const values = columns.map((feature): [string, SnippetValue] => {
    const value = row[feature.name] ?? null;
    // What is needed and empty is shown as the example has it: a snippet that cannot work helps nobody.
    const shown = value === null && !feature.optional ? (example.json[feature.name] ?? null) : value;
    return [feature.name, toValue(feature, Array.isArray(shown) ? shown.map(Number) : shown)];
  });
  const blob = picture === undefined ? null : (row[picture.name] ?? null);
  return {
    row: Object.fromEntries(values),
    image: picture === undefined ? null : { field: picture.name, file: `image.${toExtension(blob)}` },
  };
}

function toValue({ type }: FeatureSchema, value: RowValue): SnippetValue {
  if (value instanceof Blob) return null;
  const isNumber = (type === 'number' || type === 'integer') && typeof value === 'string';
  // As it was typed where it is no number: the server says best what is wrong with it.
  return isNumber && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
}

function toExtension(blob: RowValue): string {
  return (blob instanceof Blob ? EXTENSIONS[blob.type] : undefined) ?? 'png';
}
