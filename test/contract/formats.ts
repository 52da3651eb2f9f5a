// A suite for whatever reads prediction requests: the same rows give the same result in every format. The reader
// may be the decoders with the feed plan (tensors) or the whole Worker (answers).
import { expect, it } from 'vitest';
import type { Manifest } from '../../worker/pipeline/manifest.ts';

export interface FormatRequest {
  readonly method: 'GET' | 'POST';
  /** Without the question mark. */
  readonly search: string;
  readonly contentType: string | null;
  readonly body: Uint8Array | null;
}

type Value = string | number | boolean | number[] | undefined;
export type FormatRow = Record<string, Value>;

/** Every kind of feature; `label` is the column that is ignored. */
export const FORMAT_MANIFEST: Pick<Manifest, 'features' | 'label'> = {
  label: 'label',
  features: [
    { name: 'amount', type: 'number' },
    { name: 'naïve "name", 100% & more=+', type: 'string' },
    { name: 'window', type: 'number', length: 3 },
    { name: 'count', type: 'integer' },
    { name: 'is_new', type: 'boolean' },
    { name: 'note', type: 'string', optional: true },
    { name: 'age', type: 'number', optional: true },
  ],
};

const NAME = 'naïve "name", 100% & more=+';

export const FORMAT_ROWS: readonly FormatRow[] = [
  { amount: 1.5, [NAME]: 'plain', window: [1, 2, 3], count: 7, is_new: true, note: 'x', age: 30 },
  { amount: -0.001, [NAME]: 'a, b; c\td|e', window: [0.5, -1e3, 1e-7], count: -1, is_new: false, note: 'y' },
  // CRLF, since FormData makes that of every line break.
  { amount: 1e21, [NAME]: 'say "hi"\r\nthere', window: [0, 0, 0], count: 0, is_new: true, age: 0.1 },
  { amount: 3, [NAME]: 'é 😀 ž 日本', window: [1, 1, 1], count: 9007199254740991, is_new: false },
  { amount: 4, [NAME]: '50% & a=b+c ?#/\\', window: [9, 8, 7], count: 2, is_new: true, note: ' spaced ' },
  { amount: 5, [NAME]: '"quoted"', window: [1, 2, 3], count: 1, is_new: false, note: "it's" },
];

/** @param read whatever the rows of a request lead to, one item per row. */
export function testFormats(read: (request: FormatRequest) => Promise<readonly unknown[]>): void {
  const rows = FORMAT_ROWS;
  const expected = async () => read(post('application/json', JSON.stringify(rows)));

  it.each(Object.entries(SINGLE))('gives a row by %s what the JSON array gives it', async (_, encode) => {
    for (const [index, wanted] of (await expected()).entries()) {
      expect(await read(await encode(rows[index] ?? {}))).toEqual([wanted]);
    }
  });

  it.each(Object.entries(MANY))('gives rows by %s what the JSON array gives them', async (_, encode) => {
    expect(await read(await encode(rows))).toEqual(await expected());
  });
}

type Encode<T> = (input: T) => FormatRequest | Promise<FormatRequest>;

const SINGLE: Record<string, Encode<FormatRow>> = {
  'query string': (row) => ({ method: 'GET', search: toQuery(row), contentType: null, body: null }),
  'JSON object': (row) => post('application/json; charset=utf-8', JSON.stringify({ ...row, label: 'x' })),
  form: (row) => post('application/x-www-form-urlencoded', toQuery(row)),
  'multipart fields': (row) => postForm(toForm(row)),
  'multipart JSON part': (row) => {
    const form = new FormData();
    form.append('row', new Blob([JSON.stringify(row)], { type: 'application/json' }));
    return postForm(form);
  },
  'multipart fields and query string': async (row) => {
    const { amount, ...rest } = row;
    return { ...(await postForm(toForm(rest))), search: new URLSearchParams({ amount: String(amount) }).toString() };
  },
};

const MANY: Record<string, Encode<readonly FormatRow[]>> = {
  CSV: (rows) => post('text/csv', toCsv(rows, ',', '\n')),
  'CSV of a spreadsheet': (rows) => post('text/csv; charset=UTF-8', `\uFEFF${toCsv(rows, ';', '\r\n', ',')}`),
  NDJSON: (rows) => post('application/x-ndjson', rows.map((row) => JSON.stringify(row)).join('\n')),
  'multipart CSV': (rows) => {
    const form = new FormData();
    form.append('data', new Blob([toCsv(rows, ',', '\n')], { type: 'text/csv' }), 'rows.csv');
    return postForm(form);
  },
};

function post(contentType: string, text: string): FormatRequest {
  return { method: 'POST', search: '', contentType, body: new TextEncoder().encode(text) };
}

async function postForm(form: FormData): Promise<FormatRequest> {
  const request = new Request('http://localhost/', { method: 'POST', body: form });
  const body = new Uint8Array(await request.arrayBuffer());
  return { method: 'POST', search: '', contentType: request.headers.get('content-type'), body };
}

function toPairs(row: FormatRow): [string, string][] {
  return Object.entries(row).flatMap(([key, value]) =>
    value === undefined ? [] : [value].flat().map((item): [string, string] => [key, String(item)]),
  );
}

function toQuery(row: FormatRow): string {
  return new URLSearchParams(toPairs(row)).toString();
}

function toForm(row: FormatRow): FormData {
  const form = new FormData();
  for (const [key, value] of toPairs(row)) form.append(key, value);
  return form;
}

function toCsv(rows: readonly FormatRow[], delimiter: string, newline: string, point = '.'): string {
  const quote = (text: string) => (/["\r\n,;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const cells = (value: Value): string =>
    typeof value === 'number' ? String(value).replace('.', point) : String(value ?? '');
  const names = FORMAT_MANIFEST.features.map(({ name }) => name);
  const lines = rows.map((row) => [
    'x',
    ...names.map((name) => (Array.isArray(row[name]) ? JSON.stringify(row[name]) : cells(row[name]))),
  ]);
  return [['label', ...names], ...lines].map((line) => line.map(quote).join(delimiter)).join(newline);
}
