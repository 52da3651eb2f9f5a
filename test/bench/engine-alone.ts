// Rows per second of the engine alone, in WebAssembly on one thread, fed with arrays that are ready: what no parsing and no
// printing could exceed. `engine-alone.mjs <model> <run.json>`; bundled by bundle.ts, prints a number.
import { readFileSync } from 'node:fs';
import { createOrtRuntime } from '../../worker/inference/ort.ts';

/** One run, again and again. */
export interface EngineRun {
  readonly input: string;
  /** With the rows first. */
  readonly dims: readonly number[];
  readonly outputs: readonly string[];
  /** Of some rows, one after the other, to be repeated. */
  readonly values: readonly number[];
}

const WARM_MS = 300;
const MEASURED_MS = 700;

const [modelPath = '', runPath = ''] = process.argv.slice(2);
const { input, dims, outputs, values } = JSON.parse(readFileSync(runPath, 'utf8')) as EngineRun;
const session = (await createOrtRuntime()).load(new Uint8Array(readFileSync(modelPath)));
const length = dims.reduce((product, size) => product * size, 1);
const data = Float32Array.from({ length }, (_, i) => values[i % values.length] ?? 0);
const feeds = [{ name: input, tensor: { dtype: 'float32' as const, dims, data } }];

/** @returns rows per second. */
function measure(ms: number): number {
  const start = performance.now();
  let rows = 0;
  while (performance.now() - start < ms) {
    session.run(feeds, outputs);
    rows += dims[0] ?? 0;
  }
  return (rows * 1000) / (performance.now() - start);
}

measure(WARM_MS);
console.log(measure(MEASURED_MS));
