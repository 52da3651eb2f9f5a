// Prepares the engine for the Worker: its WebAssembly with a snapshot, into dist/engine. Wrangler runs this before each
// build ([build] in wrangler.toml), the tests before they start: 1 s, or 0.3 s when nothing has changed.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asInWorkerd, takeSnapshot } from './take-snapshot.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GLUE = join(ROOT, 'node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.mjs');
const WASM = join(ROOT, 'node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm');
const TUTORIAL = join(ROOT, 'worker/tutorial/iris.votes.onnx');
const OUT = join(ROOT, 'dist/engine');

const ours = ['bundle', 'inference'].flatMap((room) => {
  const folder = join(ROOT, 'worker', room);
  return readdirSync(folder).map((name) => join(folder, name));
});
const identity = { wasm: hash(WASM), glue: hash(GLUE) };
const key = JSON.stringify({ ...identity, model: hash(TUTORIAL), code: hash(...ours) });
if (readKey() !== key) {
  const model = { bytes: readFileSync(TUTORIAL), digest: hash(TUTORIAL) };
  const prepared = await asInWorkerd(() => takeSnapshot(readFileSync(WASM), identity, model));
  mkdirSync(OUT, { recursive: true });
  write('ort.wasm', prepared);
  write('identity.json', JSON.stringify(identity));
  write('key.json', key);
}

/** SHA-256 of files. */
function hash(...paths: readonly string[]): string {
  const sum = createHash('sha256');
  for (const path of paths) sum.update(readFileSync(path));
  return sum.digest('hex');
}

/** @returns what the files in the folder were made of. */
function readKey(): string | null {
  try {
    return readFileSync(join(OUT, 'key.json'), 'utf8');
  } catch {
    return null;
  }
}

/** Whole or not at all: two builds may run at the same time. */
function write(name: string, content: Uint8Array | string): void {
  const path = join(OUT, `${name}.${process.pid}`);
  writeFileSync(path, content);
  renameSync(path, join(OUT, name));
}
