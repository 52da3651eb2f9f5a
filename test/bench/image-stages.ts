// Milliseconds that one image takes, stage by stage, in one thread of V8: `image-stages.mjs <model> <image> <manifest>`.
// Bundled by images.ts; prints JSON.
import { readFileSync } from 'node:fs';
import { decodeImage } from '../../worker/image/decode.ts';
import { createPreprocessor } from '../../worker/image/preprocess.ts';
import { createOrtRuntime } from '../../worker/inference/ort.ts';
import type { Manifest } from '../../worker/pipeline/manifest.ts';
import { median } from './numbers.ts';

const ROUNDS = 40;
const [modelPath = '', imagePath = '', manifestJson = ''] = process.argv.slice(2);
const manifest = JSON.parse(manifestJson) as Manifest;
const image = new Uint8Array(readFileSync(imagePath));
const spec = manifest.features[0]?.preprocess;
const input = manifest.inputs[0];
if (spec === undefined || input === undefined) throw new Error('The manifest has no image.');
const preprocess = createPreprocessor(spec);
const session = (await createOrtRuntime()).load(new Uint8Array(readFileSync(modelPath)));
const dims = input.shape.map((size) => size ?? 1);
const outputs = manifest.output.probability?.tensors ?? [];

const times = { decode: [] as number[], preprocess: [] as number[], run: [] as number[] };
for (let i = 0; i < 2 * ROUNDS; i += 1) {
  const start = performance.now();
  const pixels = await decodeImage(image);
  const decoded = performance.now();
  const data = preprocess(pixels);
  const ready = performance.now();
  session.run([{ name: input.name, tensor: { dtype: 'float32', dims, data } }], outputs);
  const end = performance.now();
  // The first half warms up.
  if (i < ROUNDS) continue;
  times.decode.push(decoded - start);
  times.preprocess.push(ready - decoded);
  times.run.push(end - ready);
}
console.log(JSON.stringify(Object.fromEntries(Object.entries(times).map(([name, each]) => [name, median(each)]))));
