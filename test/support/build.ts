// Builds the Worker once for a test run, as `wrangler deploy` would: the tests run what is deployed.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const BUILD = join(ROOT, 'dist/worker');

/** @returns what Wrangler printed: the size of the upload and the bindings. */
export function buildWorker(): string {
  const wrangler = join(dirname(createRequire(import.meta.url).resolve('wrangler/package.json')), 'bin/wrangler.js');
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

export function setup(): void {
  buildWorker();
}
