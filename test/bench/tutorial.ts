// The tutorial as the bench publishes it: the model that came with the Worker.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../worker/pipeline/manifest.ts';
import { ROOT } from '../support/build.ts';
import type { Kv } from './kv.ts';

const FOLDER = join(ROOT, 'worker/tutorial');

export function publishTutorial(kv: Kv): Promise<string> {
  const manifest = JSON.parse(readFileSync(join(FOLDER, 'manifest.json'), 'utf8')) as Manifest;
  return kv.publish(manifest, new Uint8Array(readFileSync(join(FOLDER, 'iris.votes.onnx'))), false);
}
