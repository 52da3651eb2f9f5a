// The same on Node: Hono with onnxruntime-node and the same model, as one would write it by hand.
// `node-server.ts <port> no-op|predict`, or `<port> image <model> <preprocess as JSON>` with sharp in front.
import { readFile } from 'node:fs/promises';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import type { Preprocess } from '../../worker/pipeline/manifest.ts';
import { ANSWER, HEADERS } from './answer.ts';

const [port, mode, path = '', preprocess = ''] = process.argv.slice(2);
const app = new Hono();
const headers = () => ({ ...HEADERS, 'X-Request-Id': crypto.randomUUID() });

if (mode === 'image') await serveImages();
else if (mode === 'no-op') app.get('/api/:secret', (c) => c.body(ANSWER, 200, headers()));
else {
  const model = await readFile('worker/tutorial/iris.onnx');
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const columns = ['sepalLength', 'sepalWidth', 'petalLength', 'petalWidth'];
  app.get('/api/:secret', async (c) => {
    const row = Float32Array.from(columns, (name) => Number(c.req.query(name)));
    const { label, probabilities } = await session.run({ X: new Tensor('float32', row, [1, 4]) });
    const probability = Array.from(probabilities?.data as Float64Array, (p) => Math.round(p * 1e8) / 1e8);
    return c.body(JSON.stringify({ prediction: label?.data[0], probability }), 200, headers());
  });
}
/** What one would write by hand for an image of 0 to 1, answered by the softmax of its logits. */
async function serveImages(): Promise<void> {
  const { size, color } = JSON.parse(preprocess) as Preprocess;
  const [width, height] = size;
  const channels = color === 'L' ? 1 : 3;
  sharp.concurrency(1);
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const [input = ''] = session.inputNames;
  const [output = ''] = session.outputNames;
  app.post('/image', async (c) => {
    const image = sharp(await c.req.arrayBuffer()).removeAlpha();
    const inColor = channels === 1 ? image.greyscale() : image.toColourspace('srgb');
    const pixels = await inColor.resize(width, height, { fit: 'fill', kernel: 'linear' }).raw().toBuffer();
    const data = new Float32Array(pixels.length);
    const plane = width * height;
    for (let i = 0; i < plane; i += 1) {
      for (let k = 0; k < channels; k += 1) data[k * plane + i] = (pixels[i * channels + k] ?? 0) / 255;
    }
    const answers = await session.run({ [input]: new Tensor('float32', data, [1, channels, height, width]) });
    const powers = Array.from(answers[output]?.data as Float32Array, Math.exp);
    const sum = powers.reduce((total, power) => total + power, 0);
    const probability = powers.map((power) => Math.round((power / sum) * 1e8) / 1e8);
    const prediction = String(probability.indexOf(Math.max(...probability)));
    return c.body(JSON.stringify({ prediction, probability }), 200, headers());
  });
}

serve({ fetch: app.fetch, port: Number(port), hostname: '127.0.0.1' });
