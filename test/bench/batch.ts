// Batches: rows per second of CSV, NDJSON and JSON bodies through the built Worker on one core, beside what runs of the same
// model reach without parsing, printing and HTTP: onnxruntime-node, and the Worker's engine alone.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importModel } from '../../worker/onnx/import.ts';
import type { Manifest } from '../../worker/pipeline/manifest.ts';
import { ROOT } from '../support/build.ts';
import { CORPUS_ROOT, FIXTURES_ROOT, readCase } from '../support/corpus.ts';
import { createNative, createReadyRun, measureEngine } from './batch-ready.ts';
import { type Kv, startKv } from './kv.ts';
import { buildForest, buildNetwork } from './models.ts';
import { median, toTable } from './numbers.ts';
import { round, type Section } from './section.ts';
import { startProbed, stayAside, type Workerd } from './workerd.ts';

export const FORMATS = ['csv', 'ndjson', 'json'] as const;
export type Format = (typeof FORMATS)[number];

export interface BatchMeasured {
  readonly name: string;
  /** Rows per second of the Worker, by the format of the body; the answer has the same. */
  readonly rates: Readonly<Record<Format, number>>;
  /** The same as a share of onnxruntime-node's. */
  readonly ratios: Readonly<Record<Format, number>>;
  /** Rows per second of the Worker's engine, fed with ready arrays. */
  readonly engine: number;
  /** Rows per second of onnxruntime-node, fed with ready arrays: of all in one run, or in runs as the Worker's, whichever is faster. */
  readonly node: number;
}

export interface BatchOptions {
  readonly rounds: number;
  /** Rows of a body of numbers, of which JSON takes as many as its limit of bytes allows. */
  readonly rows: number;
  /** Rows of a body of images. */
  readonly images: number;
}

interface Subject {
  readonly name: string;
  readonly model: Uint8Array;
  readonly manifest: Manifest;
  /** Values of some rows, to be repeated: by column, or an image. */
  readonly samples: readonly Readonly<Record<string, number | string>>[];
}

const TYPES: Record<Format, string> = { csv: 'text/csv', ndjson: 'application/x-ndjson', json: 'application/json' };
/** Bytes of a body: JSON has a limit of 8 MiB, and the others are to be sent in a second or two. */
const BODY_BYTES: Record<Format, number> = { csv: 16e6, ndjson: 16e6, json: 7e6 };

/** Needs the built Worker. Cases whose model is not here are left out. */
export async function measureBatches(options: BatchOptions): Promise<BatchMeasured[]> {
  const comeBack = stayAside();
  const kv = await startKv();
  const worker = await startProbed(kv.port);
  try {
    const measured: BatchMeasured[] = [];
    for (const subject of getSubjects()) measured.push(await measure(worker, kv, subject, options));
    return measured;
  } finally {
    await worker.stop();
    kv.close();
    comeBack();
  }
}

export function reportBatches(measured: readonly BatchMeasured[]): Section {
  const count = (value: number): string => Math.round(value).toLocaleString('en');
  const share = (value: number): string => value.toFixed(2);
  const heads = [
    '',
    ...FORMATS.flatMap((format) => [`${format} rows/s`, '×']),
    'engine alone',
    '×',
    'onnxruntime-node',
  ];
  const rows = measured.map(({ name, rates, ratios, engine, node }) => [
    name,
    ...FORMATS.flatMap((format) => [count(rates[format]), share(ratios[format])]),
    count(engine),
    share(engine / node),
    count(node),
  ]);
  return {
    title: 'Batches',
    table: toTable(heads, rows),
    text: `Rows per second of a body, from the first byte sent to the last of the answer, which has the format of the body: the Worker on
one core, parsing and printing included, the caller on the other. *onnxruntime-node*: on one thread, fed with arrays that are
ready, no parsing, no printing, no HTTP; all rows in one run or in runs of as many as the Worker's, whichever is faster. × is
the share of it. *Engine alone*: the Worker's engine, fed in the same way; what it leaves to be wished for is the price of
WebAssembly, whose vectors are 128 bits wide where the machine's are 256 or 512.`,
    json: {
      batch: Object.fromEntries(
        measured.map(({ name, rates, ratios, engine, node }) => [
          name,
          {
            rows_per_second: mapValues(rates, (value) => round(value)),
            ratio: mapValues(ratios, (value) => round(value, 2)),
            engine_ratio: round(engine / node, 2),
            node_rows_per_second: round(node),
          },
        ]),
      ),
    },
  };
}

function mapValues(values: Readonly<Record<string, number>>, change: (value: number) => number): object {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}

function getSubjects(): Subject[] {
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

async function measure(worker: Workerd, kv: Kv, subject: Subject, options: BatchOptions): Promise<BatchMeasured> {
  const { name, model, manifest, samples } = subject;
  const isImage = manifest.features.some(({ type }) => type === 'image');
  const count = isImage ? options.images : options.rows;
  const url = worker.origin + (await kv.publish(manifest, model));
  const bodies = FORMATS.map((format) => ({ format, ...toBody(format, samples, count) }));
  const ready = createReadyRun(manifest, samples);
  const native = await createNative(model, ready);
  const times: Record<Format | 'chunks' | 'one' | 'engine', number[]> = {
    csv: [],
    ndjson: [],
    json: [],
    chunks: [],
    one: [],
    engine: [],
  };
  for (let round = 0; round <= options.rounds; round += 1) {
    for (const { format, body, rows } of bodies) {
      times[format].push(await toRate(rows, () => post(url, TYPES[format], body)));
    }
    times.chunks.push(await toRate(count, () => native(count, ready.chunkRows)));
    times.one.push(await toRate(count, () => native(count, count)));
    times.engine.push(await measureEngine(model, ready));
  }
  // The first one warms up.
  const of = (key: keyof typeof times): number => median(times[key].slice(1));
  const node = Math.max(of('chunks'), of('one'));
  const rates = { csv: of('csv'), ndjson: of('ndjson'), json: of('json') };
  const ratios = { csv: rates.csv / node, ndjson: rates.ndjson / node, json: rates.json / node };
  return { name, rates, ratios, engine: of('engine'), node };
}

/** @returns a body of so many rows, or of as many as the format takes. */
function toBody(format: Format, samples: Subject['samples'], count: number): { body: Uint8Array; rows: number } {
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

async function post(url: string, type: string, body: Uint8Array): Promise<void> {
  // workerd ends a connection that has idled for 5 s, as it does while the others are measured.
  const headers = { 'Content-Type': type, Accept: type, Connection: 'close' };
  const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
  let last = '';
  const decoder = new TextDecoder();
  for await (const piece of response.body ?? []) last = decoder.decode(piece, { stream: true });
  if (response.status !== 200 || last.includes('error')) throw new Error(`${response.status} ${last.slice(-500)}`);
}

async function toRate(rows: number, run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return (rows * 1000) / (performance.now() - start);
}
