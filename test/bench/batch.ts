// Batches: rows per second of CSV, NDJSON and JSON bodies through the built Worker, beside onnxruntime-node on one thread,
// fed with arrays that are ready: no parsing, no printing, no HTTP. Both run chunks of the same rows, since a stream in
// bounded memory has no more at hand; the one large run that only ready arrays allow is shown beside it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { importModel } from '../../worker/onnx/import.ts';
import type { Manifest } from '../../worker/pipeline/manifest.ts';
import { createFeedPlan } from '../../worker/pipeline/tensor.ts';
import { toChunkRows } from '../../worker/pipelines.ts';
import { ROOT } from '../support/build.ts';
import { CORPUS_ROOT, FIXTURES_ROOT, readCase } from '../support/corpus.ts';
import { startWorker, type TestWorker } from '../support/worker.ts';
import { buildForest, buildNetwork } from './models.ts';
import { median, toTable } from './numbers.ts';
import { round, type Section } from './section.ts';

export const FORMATS = ['csv', 'ndjson', 'json'] as const;
export type Format = (typeof FORMATS)[number];

export interface BatchMeasured {
  readonly name: string;
  /** Rows per second of the Worker, by the format of the body; the answer has the same. */
  readonly rates: Readonly<Partial<Record<Format, number>>>;
  /** Rows of one run. */
  readonly chunkRows: number;
  /** Rows per second of onnxruntime-node in chunks of so many, and in one run. */
  readonly nodeChunks: number;
  readonly nodeOne: number;
  /** The Worker's rows per second over `nodeChunks`. */
  readonly ratios: Readonly<Partial<Record<Format, number>>>;
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
  const worker = await startWorker();
  try {
    const measured: BatchMeasured[] = [];
    for (const subject of getSubjects()) measured.push(await measure(worker, subject, options));
    return measured;
  } finally {
    await worker.dispose();
  }
}

export function reportBatches(measured: readonly BatchMeasured[]): Section {
  const count = (value: number | undefined): string => Math.round(value ?? 0).toLocaleString('en');
  const heads = [
    '',
    ...FORMATS.flatMap((format) => [`${format} rows/s`, '×']),
    'rows of a run',
    'onnxruntime-node, such runs',
    'in one run',
  ];
  const rows = measured.map(({ name, rates, ratios, chunkRows, nodeChunks, nodeOne }) => [
    name,
    ...FORMATS.flatMap((format) => [count(rates[format]), ratios[format]?.toFixed(2) ?? '']),
    String(chunkRows),
    count(nodeChunks),
    count(nodeOne),
  ]);
  return {
    title: 'Batches',
    table: toTable(heads, rows),
    text: `Rows per second of a body, from the first byte sent to the last of the answer, which has the format of the body: the Worker in
Miniflare, which puts a proxy in front, parsing and printing included. Beside it onnxruntime-node on one thread, fed with arrays that
are ready: no parsing, no printing, no HTTP. × compares with runs of as many rows, since a stream in bounded memory has no
more at hand; what one run of all rows would do is in the last column.`,
    json: {
      batch: Object.fromEntries(
        measured.map(({ name, rates, ratios, nodeChunks, nodeOne }) => [
          name,
          {
            rows_per_second: mapValues(rates, (value) => round(value)),
            node_rows_per_second: round(nodeChunks),
            node_one_run: round(nodeOne),
            ratio: mapValues(ratios, (value) => round(value, 2)),
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

async function measure(worker: TestWorker, subject: Subject, options: BatchOptions): Promise<BatchMeasured> {
  const { name, model, manifest, samples } = subject;
  const isImage = manifest.features.some(({ type }) => type === 'image');
  const count = isImage ? options.images : options.rows;
  const chunkRows = toChunkRows(createFeedPlan(manifest));
  const { url } = await worker.publish({ manifest }, model);
  const bodies = FORMATS.map((format) => ({ format, ...toBody(format, samples, count) }));
  const native = await createNative(subject);
  const times = new Map<string, number[]>();
  for (let round = 0; round <= options.rounds; round += 1) {
    const rates: [string, number][] = [];
    for (const { format, body, rows } of bodies) {
      rates.push([format, await rate(rows, () => post(url, TYPES[format], body))]);
    }
    rates.push(['chunks', await rate(count, () => native(count, chunkRows))]);
    rates.push(['one', await rate(count, () => native(count, count))]);
    // The first one warms up.
    if (round > 0) for (const [of, value] of rates) times.set(of, [...(times.get(of) ?? []), value]);
  }
  const of = (key: string): number => median(times.get(key) ?? []);
  return {
    name,
    rates: { csv: of('csv'), ndjson: of('ndjson'), json: of('json') },
    ratios: { csv: of('csv') / of('chunks'), ndjson: of('ndjson') / of('chunks'), json: of('json') / of('chunks') },
    chunkRows,
    nodeChunks: of('chunks'),
    nodeOne: of('one'),
  };
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
  const headers = { 'Content-Type': type, Accept: type };
  const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
  let last = '';
  const decoder = new TextDecoder();
  for await (const piece of response.body ?? []) last = decoder.decode(piece, { stream: true });
  if (response.status !== 200 || last.includes('error')) throw new Error(`${response.status} ${last.slice(-500)}`);
}

/** @returns what runs so many rows in chunks of so many; only running is its work. */
async function createNative({
  model,
  manifest,
  samples,
}: Subject): Promise<(rows: number, chunk: number) => Promise<void>> {
  const session = await InferenceSession.create(model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const plan = createFeedPlan(manifest);
  const [input] = plan.inputs;
  if (input === undefined) throw new Error('the model has no input');
  const { name, width, rowDims } = input;
  const outputs = [...(manifest.output.probability?.tensors ?? []), ...(manifest.output.value?.tensors ?? [])];
  const values = samples.map((row) => Object.values(row).map((value) => (typeof value === 'number' ? value : 0.5)));
  const fill = (rows: number): Tensor => {
    const data = Float32Array.from(
      { length: rows * width },
      (_, i) => values[Math.floor(i / width) % values.length]?.[i % width] ?? 0.5,
    );
    return new Tensor('float32', data, [rows, ...rowDims]);
  };
  const ready = new Map<number, Tensor>();
  return async (rows, chunk) => {
    for (let at = 0; at < rows; at += chunk) {
      const size = Math.min(chunk, rows - at);
      const tensor = ready.get(size) ?? fill(size);
      ready.set(size, tensor);
      await session.run({ [name]: tensor }, outputs);
    }
  };
}

async function rate(rows: number, run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return (rows * 1000) / (performance.now() - start);
}
