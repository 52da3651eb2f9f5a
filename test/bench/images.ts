// Images: how long decoding, preprocessing and running take, and requests per second beside onnxruntime-node with sharp
// on one thread. Models come to the Worker as their owners bring them, by upload.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Version } from '../../worker/contract.ts';
import { ROOT } from '../support/build.ts';
import { CORPUS_ROOT, FIXTURES_ROOT, readCase } from '../support/corpus.ts';
import { createOwner } from '../support/owner.ts';
import { findPort } from '../support/start.ts';
import { startWorker } from '../support/worker.ts';
import { blast } from './blast.ts';
import { bundleForNode } from './bundle.ts';
import { median, toTable } from './numbers.ts';
import { round, type Section } from './section.ts';

export interface ImageMeasured {
  readonly name: string;
  /** Milliseconds of one image. */
  readonly decode: number;
  readonly preprocess: number;
  readonly run: number;
  readonly rps: number;
  readonly nodeRps: number;
}

const CASES = [
  { name: 'digits-cnn-28', title: '28 × 28 digit, 37 KB network', root: FIXTURES_ROOT },
  { name: 'big-10mb-cnn', title: '64 × 64 photo, 10 MB network', root: CORPUS_ROOT },
];
const FOLDER = join(ROOT, 'dist/node');
const CONNECTIONS = 4;

/** Cases whose model is not here are left out. */
export async function measureImages(rounds: number, seconds: number): Promise<ImageMeasured[]> {
  const stagesPath = await bundleForNode('image-stages');
  const worker = await startWorker();
  const owner = await createOwner(worker, 'standard');
  const measured: ImageMeasured[] = [];
  for (const { name, title, root } of CASES) {
    if (!existsSync(join(root, 'cases', name))) continue;
    const given = readCase(name, root);
    const labels = readFileSync(join(given.folder, 'labels.txt'));
    const { id } = await owner.add({ name, model: given.model, labels });
    const { pipeline } = await owner.activate(id);
    const { body: version } = await owner.call<Version>('GET', `/v1/models/${id}/versions/1`);
    const modelPath = join(given.folder, 'model.onnx');
    const imagePath = join(given.folder, 'samples/0.png');
    const image = readFileSync(imagePath);
    const stages = JSON.parse(
      execFileSync(process.execPath, [stagesPath, modelPath, imagePath, JSON.stringify(version.manifest)], {
        encoding: 'utf8',
      }),
    ) as Pick<ImageMeasured, 'decode' | 'preprocess' | 'run'>;
    const preprocess = version.manifest.features[0]?.preprocess;
    const port = await findPort();
    const node = spawn(
      process.execPath,
      [join(FOLDER, 'server.mjs'), String(port), 'image', modelPath, JSON.stringify(preprocess)],
      { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] },
    );
    const nodeUrl = `http://127.0.0.1:${port}/image`;
    await expectSame(pipeline.url ?? '', nodeUrl, image);
    const rates: [number, number][] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const rate: [number, number] = [
        await load(pipeline.url ?? '', image, seconds),
        await load(nodeUrl, image, seconds),
      ];
      // The first one warms up.
      if (round > 0) rates.push(rate);
    }
    node.kill('SIGKILL');
    const [rps, nodeRps] = [0, 1].map((i) => median(rates.map((rate) => rate[i] ?? 0)));
    measured.push({ name: title, ...stages, rps: rps ?? 0, nodeRps: nodeRps ?? 0 });
  }
  await worker.dispose();
  return measured;
}

const send = (url: string, image: Buffer): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'Content-Type': 'image/png' }, body: new Uint8Array(image) });

/** Waits for the server on Node, and sees that both say the same. */
async function expectSame(url: string, nodeUrl: string, image: Buffer): Promise<void> {
  const ours = (await (await send(url, image)).json()) as { probability: number[] };
  for (const end = Date.now() + 10_000; ; ) {
    try {
      const theirs = (await (await send(nodeUrl, image)).json()) as { probability: number[] };
      if (ours.probability.some((p, i) => Math.abs(p - (theirs.probability[i] ?? 0)) > 1e-3)) {
        throw new Error(`${JSON.stringify(ours)} is not ${JSON.stringify(theirs)}`, { cause: 'answers' });
      }
      return;
    } catch (error) {
      if ((error as Error).cause === 'answers' || Date.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function load(url: string, image: Buffer, duration: number): Promise<number> {
  const headers = { 'Content-Type': 'image/png' };
  const result = await blast({ url, method: 'POST', headers, body: image, connections: CONNECTIONS, duration });
  return result.requests.total / result.duration;
}

export function reportImages(images: readonly ImageMeasured[]): Section {
  const rows = images.map(({ name, decode, preprocess, run, rps, nodeRps }) => [
    name,
    ...[decode, preprocess, run].map((ms) => ms.toPrecision(2)),
    ...[rps, nodeRps].map((rate) => Math.round(rate).toLocaleString('en')),
    (rps / nodeRps).toFixed(2),
  ]);
  return {
    title: 'Images',
    table: toTable(
      ['', 'decode ms', 'preprocess ms', 'run ms', 'requests/s', 'onnxruntime-node + sharp', 'ratio'],
      rows,
    ),
    text: `Milliseconds of one PNG in one thread, stage by stage, and requests per second of the whole: the Worker in Miniflare, which puts
a proxy in front, beside onnxruntime-node with sharp on one thread without one; the image is the body of the request.`,
    json: {
      images: images.map(({ name, rps, nodeRps }) => ({ name, rps: round(rps), node_rps: round(nodeRps) })),
    },
  };
}
