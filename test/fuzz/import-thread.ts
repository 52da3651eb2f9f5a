// Imports models in a thread that can be killed: the engine cannot be interrupted. Bundled by import-lab.ts.
import { parentPort } from 'node:worker_threads';
import { createAnswerPlan } from '../../worker/encode/answer.ts';
import { createOrtRuntime } from '../../worker/inference/ort.ts';
import { EngineCrash, OutOfMemory, type Runtime } from '../../worker/inference/runtime.ts';
import { LIMITS } from '../../worker/limits.ts';
import { type ImportResult, importModel } from '../../worker/onnx/import.ts';
import { ImportRefusal } from '../../worker/onnx/refusal.ts';
import { toExampleRow } from '../../worker/pipeline/example.ts';
import { IssueList } from '../../worker/pipeline/issues.ts';
import { createFeedPlan, toFeeds, toRowFeeds } from '../../worker/pipeline/tensor.ts';

export interface Outcome {
  /** `imported`, the reason of a refusal, or `unexpected`. */
  readonly outcome: string;
  readonly message: string;
  readonly ms: number;
  /** Of the engine, afterwards. */
  readonly memoryBytes: number;
  /** Whether the engine stopped or ran out of memory, and must be replaced. */
  readonly isSpent: boolean;
}

let engine: Runtime | null = null;

parentPort?.on('message', async (bytes: Uint8Array) => {
  engine ??= await createOrtRuntime();
  const before = engine;
  const began = performance.now();
  let isSpent = false;
  const load = (model: Uint8Array, optimise?: boolean) => before.load(model, optimise);
  const tell = (outcome: string, message = '') => {
    const memoryBytes = before.memoryBytes();
    if (isSpent || memoryBytes > LIMITS.ENGINE_BYTES) {
      before.close();
      engine = null;
    }
    const told: Outcome = { outcome, message, ms: performance.now() - began, memoryBytes, isSpent };
    parentPort?.postMessage(told);
  };
  try {
    const imported = importModel(bytes, { load });
    runChunk(imported, load);
    tell('imported');
  } catch (error) {
    const cause = error instanceof ImportRefusal ? error.cause : error;
    isSpent = cause instanceof EngineCrash || cause instanceof OutOfMemory || error instanceof EngineCrash;
    if (error instanceof ImportRefusal) tell(error.reason, error.message);
    else if (
      error instanceof Error &&
      ['EngineCrash', 'OutOfMemory', 'InferenceError'].includes(error.constructor.name)
    )
      tell('run_failed', error.message);
    else tell('unexpected', error instanceof Error ? (error.stack ?? '') : String(error));
  }
});

/** As many rows in one run as a caller can send: what import lets in must end as well. */
function runChunk({ manifest, model, optimise }: ImportResult, load: Runtime['load']): void {
  const plan = createFeedPlan(manifest);
  if (plan.columns.images.length > 0) return;
  const rows = Math.max(1, Math.min(LIMITS.CHUNK_ROWS, Math.floor(LIMITS.CHUNK_ELEMENTS / plan.rowElements)));
  const example = new Map(toExampleRow(manifest));
  const row = plan.columns.names.map((name) => example.get(name) as never);
  const isBatch = plan.batch === 'dynamic';
  const issues = new IssueList();
  const feeds = toFeeds(plan, new Array(isBatch ? rows : 1).fill(row), 1, issues);
  if (issues.count > 0) return;
  const session = load(model, optimise);
  try {
    session.run(isBatch ? feeds : toRowFeeds(plan, feeds, 0), createAnswerPlan(manifest).outputs);
  } finally {
    session.release();
  }
}
