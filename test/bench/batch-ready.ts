// What batches are measured by: runs of the same model on arrays that are ready, in onnxruntime-node and in the Worker's
// engine, on one thread each.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Manifest } from '../../worker/pipeline/manifest.ts';
import { createFeedPlan } from '../../worker/pipeline/tensor.ts';
import { toChunkRows } from '../../worker/pipelines.ts';
import { bundleForNode } from './bundle.ts';
import type { EngineRun } from './engine-alone.ts';

export interface ReadyRun {
  readonly input: string;
  readonly rowDims: readonly number[];
  readonly outputs: readonly string[];
  /** Rows that the Worker runs together. */
  readonly chunkRows: number;
  /** Of some rows, one after the other, to be repeated. */
  readonly values: readonly number[];
}

/** @param samples rows of numbers, or images in whose place any numbers do. */
export function createReadyRun(
  manifest: Manifest,
  samples: readonly Readonly<Record<string, number | string>>[],
): ReadyRun {
  const plan = createFeedPlan(manifest);
  const [input] = plan.inputs;
  if (input === undefined) throw new Error('the model has no input');
  const { name, width, rowDims } = input;
  const values = samples.flatMap((row) =>
    Array.from({ length: width }, (_, i) => {
      const value = Object.values(row)[i];
      return typeof value === 'number' ? value : 0.5;
    }),
  );
  const { probability, value } = manifest.output;
  const outputs = [...(probability?.tensors ?? []), ...(value?.tensors ?? [])];
  return { input: name, rowDims, outputs, chunkRows: toChunkRows(plan), values };
}

/** @returns what runs so many rows, so many at a time; the arrays are made the first time. */
export async function createNative(
  model: Uint8Array,
  { input, rowDims, outputs, values }: ReadyRun,
): Promise<(rows: number, chunk: number) => Promise<void>> {
  const session = await InferenceSession.create(model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const width = rowDims.reduce((product, size) => product * size, 1);
  const fill = (rows: number): Tensor => {
    const data = Float32Array.from({ length: rows * width }, (_, i) => values[i % values.length] ?? 0);
    return new Tensor('float32', data, [rows, ...rowDims]);
  };
  const ready = new Map<number, Tensor>();
  return async (rows, chunk) => {
    for (let at = 0; at < rows; at += chunk) {
      const size = Math.min(chunk, rows - at);
      const tensor = ready.get(size) ?? fill(size);
      ready.set(size, tensor);
      await session.run({ [input]: tensor }, outputs);
    }
  };
}

/** @returns rows per second of the Worker's engine alone. */
export async function measureEngine(model: Uint8Array, { input, rowDims, outputs, chunkRows, values }: ReadyRun) {
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'));
  try {
    const [modelPath, runPath] = [join(folder, 'model.onnx'), join(folder, 'run.json')];
    const run: EngineRun = { input, dims: [chunkRows, ...rowDims], outputs, values };
    writeFileSync(modelPath, model);
    writeFileSync(runPath, JSON.stringify(run));
    const program = await bundleForNode('engine-alone');
    return Number(execFileSync(process.execPath, [program, modelPath, runPath], { encoding: 'utf8' }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
