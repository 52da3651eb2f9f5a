// A place where any model may be imported: in a thread of its own, which is killed where it does not end.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { build, type Plugin } from 'esbuild';
import type { Outcome } from './import-thread.ts';

export interface ImportLab {
  /** `endless` where it took longer than that. */
  run(model: Uint8Array, limitMs: number): Promise<Outcome>;
  dispose(): Promise<void>;
}

/** As workerd does: the import of a .wasm is the compiled module. */
const wasm: Plugin = {
  name: 'wasm',
  setup({ onLoad }) {
    onLoad({ filter: /\.wasm$/ }, ({ path }) => ({
      contents: `import { readFileSync } from 'node:fs'; export default new WebAssembly.Module(readFileSync(${JSON.stringify(path)}));`,
      resolveDir: dirname(path),
    }));
  },
};

export async function startImportLab(): Promise<ImportLab> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-import-'));
  const script = join(folder, 'thread.mjs');
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'import-thread.ts')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
    plugins: [wasm],
    // The engine's glue asks for Node's modules in its own way.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  writeFileSync(script, outputFiles[0]?.contents ?? '');
  let thread: Worker | null = null;

  return {
    async run(model, limitMs) {
      thread ??= new Worker(script);
      const current = thread;
      return new Promise<Outcome>((resolve) => {
        const end = (outcome: Outcome, isAlive: boolean) => {
          clearTimeout(timer);
          current.off('message', onMessage).off('error', onError);
          if (!isAlive) {
            thread = null;
            void current.terminate();
          }
          resolve(outcome);
        };
        const lost = { ms: limitMs, memoryBytes: 0, isSpent: true };
        const timer = setTimeout(() => end({ outcome: 'endless', message: '', ...lost }, false), limitMs);
        const onMessage = (outcome: Outcome) => end(outcome, true);
        const onError = (error: unknown) => end({ outcome: 'unexpected', message: String(error), ...lost }, false);
        current.on('message', onMessage).on('error', onError);
        current.postMessage(model);
      });
    },
    async dispose() {
      await thread?.terminate();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
