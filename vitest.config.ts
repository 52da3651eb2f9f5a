// Kinds of tests: `unit` (pure rooms, and the engine through its adapter), `http` and `account` (the built Worker in workerd
// with a real KV, over real HTTP) and `repository` (import rules, the commands of the README).
import { readFileSync } from 'node:fs';
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

/** They wait most of their time, for KV that takes a key once a second: several at a time, after the others. */
const WAITING = ['test/http/account-*.test.ts', 'test/http/quota.test.ts', 'test/http/usage.test.ts'];

export default defineConfig({
  test: {
    // A test and the Worker that it calls take turns: with a worker less than there are cores, most of them would be idle.
    maxWorkers: '100%',
    projects: [
      {
        plugins: [wasmModule],
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts'],
          globalSetup: ['test/support/engine.ts'],
          server: { deps: { inline: [/onnxruntime-web/, /@jsquash/] } },
          // For what hangs: no test is to fail because the machine is slow.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins: [wasmModule],
        test: {
          name: 'http',
          include: ['test/http/**/*.test.ts'],
          exclude: WAITING,
          globalSetup: ['test/support/build.ts', 'test/support/playground.ts'],
          server: { deps: { inline: [/onnxruntime-web/, /@jsquash/] } },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins: [wasmModule],
        test: {
          name: 'account',
          include: WAITING,
          globalSetup: ['test/support/build.ts'],
          server: { deps: { inline: [/onnxruntime-web/, /@jsquash/] } },
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'repository',
          include: ['test/structure/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
