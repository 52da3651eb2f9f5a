// The pipelines that fuzzed requests go to: the tutorial, and models that answer what they are fed, so that every answer
// can be checked. Each echo is published for two accounts with the same bytes: they share a session in the engine.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../worker/pipeline/manifest.ts';
import { ROOT } from '../support/build.ts';
import { buildModel, type NodeSpec } from '../support/onnx-builder.ts';
import { photoAndColumns } from '../support/snippet-cases.ts';
import type { Caller, TestWorker } from '../support/worker.ts';

const identity = (from: string, to: string): NodeSpec => ({ op: 'Identity', inputs: [from], outputs: [to] });

/** Answers [a, b, b, n]. */
export const NUMBERS: Manifest = {
  manifest_version: 1,
  task: 'regression',
  label: 'label',
  features: [
    { name: 'a', type: 'number' },
    { name: 'b', type: 'number', length: 2, default: 0 },
    { name: 'n', type: 'integer' },
  ],
  inputs: [
    { name: 'X', dtype: 'float32', shape: [null, 3], features: ['a', 'b'] },
    { name: 'N', dtype: 'int64', shape: [null, 1], features: ['n'] },
  ],
  output: { value: { tensors: ['y', 'i'] } },
  batch: 'dynamic',
};
const numbersModel = buildModel({
  inputs: [
    { name: 'X', dtype: 'float32', shape: [null, 3] },
    { name: 'N', dtype: 'int64', shape: [null, 1] },
  ],
  outputs: [
    { name: 'y', dtype: 'float32', shape: [null, 3] },
    { name: 'i', dtype: 'int64', shape: [null, 1] },
  ],
  nodes: [identity('X', 'y'), identity('N', 'i')],
});

/** Answers s; f is only checked. */
export const WORDS: Manifest = {
  manifest_version: 1,
  task: 'classification',
  features: [
    { name: 's', type: 'string' },
    { name: 'f', type: 'boolean' },
  ],
  inputs: [
    { name: 'S', dtype: 'string', shape: [null, 1], features: ['s'] },
    { name: 'F', dtype: 'bool', shape: [null, 1], features: ['f'] },
  ],
  output: { label: { tensor: 'y', holds: 'class' } },
  batch: 'dynamic',
};
const wordsModel = buildModel({
  inputs: [
    { name: 'S', dtype: 'string', shape: [null, 1] },
    { name: 'F', dtype: 'bool', shape: [null, 1] },
  ],
  outputs: [
    { name: 'y', dtype: 'string', shape: [null, 1] },
    { name: 'g', dtype: 'bool', shape: [null, 1] },
  ],
  nodes: [identity('S', 'y'), identity('F', 'g')],
});

export type TargetName = 'iris' | 'numbers' | 'words' | 'photo' | 'unknown' | 'off';

export interface Targets {
  readonly manifests: Readonly<Partial<Record<TargetName, Manifest>>>;
  readonly secrets: Readonly<Record<TargetName, string>>;
  /** The same models, of another account. */
  readonly others: { readonly numbers: Caller; readonly words: Caller };
  readonly iris: Caller;
}

const secretOf = ({ url }: Caller) => url.split('/').at(-1) ?? '';

export async function publishTargets(worker: TestWorker): Promise<Targets> {
  const other = { account_id: 'account_other', name: 'Other' };
  const [photo, photoModel] = photoAndColumns();
  const iris = await worker.publishTutorial();
  const irisManifest = JSON.parse(readFileSync(join(ROOT, 'worker/tutorial/manifest.json'), 'utf8')) as Manifest;
  const numbers = await worker.publish({ manifest: NUMBERS }, numbersModel);
  const words = await worker.publish({ manifest: WORDS }, wordsModel);
  const picture = await worker.publish(photo, photoModel);
  const off = await worker.publish({ manifest: NUMBERS, state: 'inactive' }, numbersModel);
  const others = {
    numbers: await worker.publish({ manifest: NUMBERS, ...other }, numbersModel),
    words: await worker.publish({ manifest: WORDS, ...other }, wordsModel),
  };
  return {
    manifests: { iris: irisManifest, numbers: NUMBERS, words: WORDS, photo: photo.manifest },
    secrets: {
      iris: secretOf(iris),
      numbers: secretOf(numbers),
      words: secretOf(words),
      photo: secretOf(picture),
      off: secretOf(off),
      // A right checksum, and nobody's.
      unknown: 'pipeline_0000000000000000000000000000000000',
    },
    others,
    iris,
  };
}
