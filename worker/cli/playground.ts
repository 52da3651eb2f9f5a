// The playground's build, made anew where something it is made of has changed.
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runVite } from './processes.ts';
import { ROOT } from './state.ts';

const BUILD = join(ROOT, 'dist/playground');
export const PLAYGROUND_CONFIG = join(BUILD, 'postern_playground/wrangler.json');
/** When the build began that stands there; written last, so that half a build does not count. */
const STAMP = join(BUILD, 'built-from');
const SOURCES = ['playground', 'worker/contract.ts', 'package-lock.json'];
/** Data, and what the build itself writes beside the sources. */
const ASIDE = /^(demos|\.wrangler|\.dev\.vars)\b/;

/** @throws Error with what Vite said. */
export async function buildPlayground(): Promise<void> {
  const changed = Math.max(...(await Promise.all(SOURCES.map((path) => getNewest(join(ROOT, path))))));
  if ((await getBuilt()) > changed) return;
  const began = Date.now();
  await rm(STAMP, { force: true });
  try {
    await runVite(['build', 'playground', '--logLevel', 'warn'], { NODE_ENV: 'production' });
  } catch (cause) {
    throw new Error(`The playground cannot be built:\n${cause instanceof Error ? cause.message : ''}`, { cause });
  }
  await writeFile(STAMP, `${began}\n`);
}

/** @returns milliseconds; 0 where there is no whole build. */
async function getBuilt(): Promise<number> {
  try {
    await stat(PLAYGROUND_CONFIG);
    return Number(await readFile(STAMP, 'utf8'));
  } catch {
    return 0;
  }
}

/** Folders below count too: what is deleted changes only them. */
async function getNewest(path: string): Promise<number> {
  const entry = await stat(path);
  if (!entry.isDirectory()) return entry.mtimeMs;
  const below = (await readdir(path, { recursive: true })).filter((file) => !ASIDE.test(file));
  return Math.max(...(await Promise.all(below.map(async (file) => (await stat(join(path, file))).mtimeMs))));
}
