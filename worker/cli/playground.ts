// The playground's build, made anew where something it is made of has changed.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { startVite } from './processes.ts';
import { ROOT } from './state.ts';

const BUILD = join(ROOT, 'dist/playground');
export const PLAYGROUND_CONFIG = join(BUILD, 'postern_playground/wrangler.json');
const SOURCES = ['playground', 'worker/contract.ts', 'package-lock.json'];
/** Data, and what the build itself writes beside the sources. */
const ASIDE = /\/demos\/|\/\.wrangler\//;

/** @throws Error with what Vite said. */
export async function buildPlayground(): Promise<void> {
  const built = await getTime(PLAYGROUND_CONFIG);
  const changed = Math.max(...(await Promise.all(SOURCES.map((path) => getNewest(join(ROOT, path))))));
  if (built > changed) return;
  const vite = startVite(['build', 'playground', '--logLevel', 'warn'], { NODE_ENV: 'production' });
  let output = '';
  vite.stdout?.on('data', (data) => {
    output += data;
  });
  const code = await new Promise((resolve) => vite.once('exit', resolve));
  if (code !== 0) throw new Error(`The playground cannot be built:\n${output}`);
}

async function getNewest(path: string): Promise<number> {
  if (!(await stat(path)).isDirectory()) return getTime(path);
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Math.max(0, ...(await Promise.all(files.filter((file) => !ASIDE.test(file)).map(getTime))));
}

/** @returns milliseconds; 0 of a file that is not there. */
async function getTime(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
