// The browser of the tests: the one that CHROME_PATH names, the system's, or the one that comes from npm.
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** As root in a container, without a GPU, and without a call to anywhere. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @returns the path of a Chromium that runs here. */
export async function findChromium(): Promise<string> {
  const found = process.env.CHROME_PATH || INSTALLED.find((path) => existsSync(path));
  if (found !== undefined && found !== '') return found;
  // So that it brings its own system libraries, in a folder of its own.
  process.env.AWS_LAMBDA_JS_RUNTIME = 'nodejs20.x';
  process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'postern-chromium-'));
  const { default: chromium } = await import('@sparticuz/chromium');
  const path = await chromium.executablePath();
  // The config is read again by each worker: they find it by its path.
  process.env.CHROME_PATH = path;
  return path;
}
