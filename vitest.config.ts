// Three kinds of tests: `unit` in Node (pure rooms, and the engine through the same adapter), `worker` inside
// workerd with real KV, `system` in Node against the built Worker and the repository itself.
import { readFileSync } from 'node:fs';
import { cloudflareTest } from '@cloudflare/vitest-pool-workers';
import { defineConfig, type Plugin } from 'vitest/config';

/** Node cannot import .wasm as workerd does: here the import is the compiled module. */
const wasmModule: Plugin = {
  name: 'wasm-module',
  enforce: 'pre',
  load(id) {
    const path = id.split('?')[0] ?? id;
    if (path.endsWith('.wasm')) {
      return `import { readFileSync } from 'node:fs';
        export default new WebAssembly.Module(readFileSync(${JSON.stringify(path)}));`;
    }
    if (path.endsWith('.onnx')) {
      const base64 = readFileSync(path).toString('base64');
      return `export default Uint8Array.from(atob('${base64}'), (c) => c.charCodeAt(0)).buffer;`;
    }
    return undefined;
  },
};

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [wasmModule],
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts'],
          server: { deps: { inline: [/onnxruntime-web/] } },
        },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: './wrangler.toml' } })],
        test: {
          name: 'worker',
          include: ['test/http/**/*.test.ts'],
          // One isolate for all files: each would load the 14 MB engine again.
          isolate: false,
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts', 'test/structure/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
