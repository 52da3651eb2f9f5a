// How long it takes to switch a pipeline on, in accounts of more and more models: from the call to "active", checks and
// publication included.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../worker/pipeline/manifest.ts';
import type { AccountApi, NewModel } from '../../worker/registry/account-api.ts';
import { toDigest } from '../../worker/registry/secret.ts';
import { createAccountId } from '../../worker/registry/token.ts';
import { ROOT } from '../support/build.ts';
import { startWorker } from '../support/worker.ts';
import { median } from './numbers.ts';

export interface ActivationMeasured {
  readonly models: number;
  readonly ms: number;
}

const random = (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes);
const LOOK_AGAIN_MS = 2;

/** @param sizes how many models the account has, growing. */
export async function measureActivation(sizes: readonly number[], repeats: number): Promise<ActivationMeasured[]> {
  const worker = await startWorker();
  // Miniflare's own types come from another version of the runtime's.
  const namespace = (await worker.miniflare.getDurableObjectNamespace('ACCOUNTS')) as unknown as DurableObjectNamespace;
  const id = createAccountId(random);
  const api = namespace.get(namespace.idFromName(id)) as unknown as AccountApi;
  const created = await api.create({ account_id: id, name: 'Bench', plan: 'standard' });
  if (!created.ok) throw new Error(created.message);
  const hash = await toDigest(created.token);
  const model = toTutorial();
  const ids: string[] = [];
  const measured: ActivationMeasured[] = [];
  // What is loaded with the first activation is not of interest.
  for (const [round, size] of [2, ...sizes].entries()) {
    while (ids.length < size) {
      const added = await api.addModel(hash, { ...model, name: `Model ${ids.length}` });
      if (!added.ok) throw new Error(added.message);
      ids.push(added.model.id);
    }
    const times: number[] = [];
    // The newest, none of which has been live.
    for (const modelId of ids.slice(-repeats)) times.push(await activate(api, hash, modelId));
    if (round > 0) measured.push({ models: size, ms: median(times) });
  }
  await worker.dispose();
  return measured;
}

async function activate(api: AccountApi, hash: string, modelId: string): Promise<number> {
  const began = performance.now();
  const started = await api.activate(hash, modelId);
  if (!started.ok) throw new Error(started.message);
  for (let { pipeline } = started.model; pipeline.status !== 'active'; ) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    const shown = await api.getModel(hash, modelId);
    if (!shown.ok || shown.model.pipeline.status === 'failed') throw new Error(JSON.stringify(shown));
    pipeline = shown.model.pipeline;
  }
  return performance.now() - began;
}

/** The tutorial as an owner's model. Its bytes are stored once. */
function toTutorial(): Omit<NewModel, 'name'> {
  const folder = join(ROOT, 'worker/tutorial');
  return {
    model: new Uint8Array(readFileSync(join(folder, 'iris.votes.onnx'))),
    manifest: JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest,
    report: {},
    golden: [
      {
        row: { sepalLength: 1, sepalWidth: 1, petalLength: 1.5, petalWidth: 2 },
        answer: { prediction: 'Iris-virginica', probability: [0.39285714, 0.10714286, 0.5] },
      },
    ],
    optimise: false,
  };
}
