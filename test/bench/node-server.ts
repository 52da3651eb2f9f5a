// The same on Node: Hono with onnxruntime-node and the same model, as one would write it by hand.
// `node-server.ts <port> no-op|predict`
import { readFile } from 'node:fs/promises';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { ANSWER, HEADERS } from './answer.ts';

const [port, mode] = process.argv.slice(2);
const app = new Hono();
const headers = () => ({ ...HEADERS, 'X-Request-Id': crypto.randomUUID() });

if (mode === 'no-op') app.get('/api/:secret', (c) => c.body(ANSWER, 200, headers()));
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
serve({ fetch: app.fetch, port: Number(port), hostname: '127.0.0.1' });
