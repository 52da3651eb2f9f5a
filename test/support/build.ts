// Builds the Worker once for a test run, as `wrangler deploy` would: the tests run what is deployed.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourcelessWorkerOptions } from 'wrangler';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const BUILD = join(ROOT, 'dist/worker');
/** What Miniflare must know of it, as Wrangler reads wrangler.toml. */
const OPTIONS = `${BUILD}.json`;
const require = createRequire(import.meta.url);

/** @returns what Wrangler printed: the size of the upload and the bindings. */
export function buildWorker(): string {
  // What earlier builds left there would be loaded as well.
  rmSync(BUILD, { recursive: true, force: true });
  // Loading Wrangler takes most of a second: once for a build, not in each file of tests.
  const { unstable_getMiniflareWorkerOptions } = require('wrangler') as typeof import('wrangler');
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(ROOT, 'wrangler.toml'));
  mkdirSync(dirname(OPTIONS), { recursive: true });
  writeFileSync(OPTIONS, JSON.stringify(workerOptions));
  const wrangler = join(dirname(require.resolve('wrangler/package.json')), 'bin/wrangler.js');
  return execFileSync(process.execPath, [wrangler, 'deploy', '--dry-run', '--outdir', BUILD], {
    cwd: ROOT,
    encoding: 'utf8',
    env: {
      ...process.env,
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_HIDE_BANNER: 'true',
      WRANGLER_LOG_PATH: join(ROOT, '.wrangler/logs'),
    },
  });
}

/** The Worker must have been built. */
export function readOptions(): SourcelessWorkerOptions {
  return JSON.parse(readFileSync(OPTIONS, 'utf8')) as SourcelessWorkerOptions;
}

/** What Wrangler does before it builds: `worker/inference` imports the result. */
export function buildEngine(): void {
  execFileSync(process.execPath, ['--import', 'tsx', 'worker/bundle/engine.ts'], { cwd: ROOT });
}

/** Builds it for whoever of a run asks first. @returns what Wrangler printed. */
export function ensureWorker(): string {
  // Vitest loads this module once per project, and hands its environment to the processes that run the tests.
  process.env.POSTERN_TEST_BUILD ??= buildWorker();
  return process.env.POSTERN_TEST_BUILD;
}

export function setup(): void {
  ensureWorker();
}
