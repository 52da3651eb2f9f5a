// Batches: rows per second of CSV, NDJSON and JSON bodies through the built Worker on one core, beside what runs of the same
// model reach without parsing, printing and HTTP: onnxruntime-node, and the Worker's engine alone.
import { createNative, createReadyRun, measureEngine } from './batch-ready.ts';
import { type Kv, startKv } from './kv.ts';
import { median, toTable } from './numbers.ts';
import { round, type Section } from './section.ts';
import { FORMATS, type Format, getSubjects, post, type Subject, toBody } from './subjects.ts';
import { startProbed, stayAside, type Workerd } from './workerd.ts';

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
  /** Milliseconds of each measurement, at least. */
  readonly ms: number;
  /** Rows of a body of numbers, of which JSON takes as many as its limit of bytes allows. */
  readonly rows: number;
  /** Rows of a body of images. */
  readonly images: number;
}

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
    text: `Rows per second of bodies one after another, from the first byte sent to the last of the answer, which has the format of the body:
the Worker on one core, parsing and printing included, the caller on the other. *onnxruntime-node*: on one thread, fed with arrays that are
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
      times[format].push(await toRate(options.ms, rows, () => post(url, format, body)));
    }
    times.chunks.push(await toRate(options.ms, count, () => native(count, ready.chunkRows)));
    times.one.push(await toRate(options.ms, count, () => native(count, count)));
    times.engine.push(await measureEngine(model, ready));
  }
  // The first one warms up.
  const of = (key: keyof typeof times): number => median(times[key].slice(1));
  const node = Math.max(of('chunks'), of('one'));
  const rates = { csv: of('csv'), ndjson: of('ndjson'), json: of('json') };
  const ratios = { csv: rates.csv / node, ndjson: rates.ndjson / node, json: rates.json / node };
  return { name, rates, ratios, engine: of('engine'), node };
}

/** Rows per second of runs one after another: the first after a pause is slower, and bodies come one after another where they matter. */
async function toRate(ms: number, rows: number, run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  let done = 0;
  do {
    await run();
    done += rows;
  } while (performance.now() - start < ms);
  return (done * 1000) / (performance.now() - start);
}
