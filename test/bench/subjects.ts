// What batches are measured with: models, rows for them, and bodies of those rows.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importModel } from '../../worker/onnx/import.ts';
import type { Manifest } from '../../worker/pipeline/manifest.ts';
import { ROOT } from '../support/build.ts';
import { CORPUS_ROOT, FIXTURES_ROOT, readCase } from '../support/corpus.ts';
import { buildForest, buildNetwork } from './models.ts';

export const FORMATS = ['csv', 'ndjson', 'json'] as const;
export type Format = (typeof FORMATS)[number];

export interface Subject {
  readonly name: string;
  readonly model: Uint8Array;
  readonly manifest: Manifest;
  /** Values of some rows, to be repeated: by column, or an image. */
  readonly samples: readonly Readonly<Record<string, number | string>>[];
}

const TYPES: Record<Format, string> = { csv: 'text/csv', ndjson: 'application/x-ndjson', json: 'application/json' };
/** Bytes of a body: JSON has a limit of 8 MiB, and the others are to be sent in a second or two. */
const BODY_BYTES: Record<Format, number> = { csv: 16e6, ndjson: 16e6, json: 7e6 };

/** Those whose model is here. */
export function getSubjects(): Subject[] {
  const tutorial = join(ROOT, 'worker/tutorial');
  const iris = new Uint8Array(readFileSync(join(tutorial, 'iris.csv')));
  const subjects: Subject[] = [
    {
      name: 'tutorial forest, 4 columns',
      model: new Uint8Array(readFileSync(join(tutorial, 'iris.votes.onnx'))),
      manifest: JSON.parse(readFileSync(join(tutorial, 'manifest.json'), 'utf8')) as Manifest,
      samples: parseSamples(iris, 'species'),
    },
    { name: 'forest of 100 trees, 255 nodes each, 12 columns', ...buildForest(100, 7, 12) },
    { name: 'dense network, 64 → 256 → 256 → 10', ...buildNetwork([64, 256, 256, 10]) },
  ];
  for (const [name, title] of [
    ['winequality-etr-semicolon', 'wine quality: forest, 11 columns'],
    ['digits-mlp', 'digits: small dense network, 64 columns'],
  ] as const) {
    if (!existsSync(join(CORPUS_ROOT, 'cases', name))) continue;
    const { model, csv, label } = readCase(name);
    if (csv === undefined || label === null) continue;
    const imported = importModel(model, { csv, label });
    subjects.push({ name: title, ...imported, samples: parseSamples(csv, String(label)) });
  }
  const { model, folder } = readCase('digits-cnn-28', FIXTURES_ROOT);
  const manifest = importModel(model, { overrides: { classes: Array.from({ length: 10 }, (_, i) => i) } }).manifest;
  const image = manifest.features[0]?.name ?? '';
  const samples = [0, 1, 2].map((i) => ({
    [image]: readFileSync(join(folder, `samples/${i}.png`)).toString('base64'),
  }));
  subjects.push({ name: 'convolutional network, PNG of 28 × 28 as base64', model, manifest, samples });
  return subjects;
}

/** The rows of a CSV of numbers, without its label. */
function parseSamples(csv: Uint8Array, label: string): Record<string, number>[] {
  const [header = '', ...lines] = new TextDecoder().decode(csv).trim().replaceAll('"', '').split(/\r?\n/);
  const names = header.split(/[,;]/);
  return lines.map((line) => {
    const cells = line.split(/[,;]/).map(Number);
    return Object.fromEntries(
      names.map((name, i) => [name, cells[i] ?? 0] as const).filter(([name]) => name !== label),
    );
  });
}

/** @returns a body of so many rows, or of as many as the format takes. */
export function toBody(format: Format, samples: Subject['samples'], count: number): { body: Uint8Array; rows: number } {
  const names = Object.keys(samples[0] ?? {});
  const toText =
    format === 'csv' ? (row: object) => Object.values(row).join(',') : (row: object) => JSON.stringify(row);
  const texts = samples.map(toText);
  const bytes = texts.reduce((sum, text) => sum + text.length + 1, 0) / texts.length;
  const rows = Math.min(count, Math.floor(BODY_BYTES[format] / bytes));
  const lines = Array.from({ length: rows }, (_, i) => texts[i % texts.length]);
  const text =
    format === 'json'
      ? `[${lines.join(',')}]`
      : `${[...(format === 'csv' ? [names.join(',')] : []), ...lines].join('\n')}\n`;
  return { body: new TextEncoder().encode(text), rows };
}

export async function post(url: string, format: Format, body: Uint8Array): Promise<void> {
  const type = TYPES[format];
  // workerd ends a connection that has idled for 5 s, as it does while the others are measured.
  const headers = { 'Content-Type': type, Accept: type, Connection: 'close' };
  const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
  let last = '';
  const decoder = new TextDecoder();
  for await (const piece of response.body ?? []) last = decoder.decode(piece, { stream: true });
  if (response.status !== 200 || last.includes('error')) throw new Error(`${response.status} ${last.slice(-500)}`);
}
