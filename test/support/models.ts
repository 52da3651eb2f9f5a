// Models to upload.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Upload } from './owner.ts';
import { ROOT } from './start.ts';

/** The tutorial's model as an owner has it: the file, its training data, its label. */
export function tutorialUpload(name: string): Upload {
  const read = (file: string) => new Uint8Array(readFileSync(join(ROOT, 'worker/tutorial', file)));
  return { model: read('iris.onnx'), csv: read('iris.csv'), label: 'species', name };
}
