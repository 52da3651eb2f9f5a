// The browser of the tests: the one that CHROME_PATH names, the system's, or the one that comes from npm.
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** As root in a container, without a GPU, and without a call to anywhere. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Launch {
  readonly executablePath: string;
  readonly args: string[];
  readonly env?: Record<string, string>;
}

/** How a Chromium is started that runs here. */
export async function findChromium(): Promise<Launch> {
  const found = process.env.CHROME_PATH || INSTALLED.find((path) => existsSync(path));
  if (found !== undefined && found !== '') return { executablePath: found, args };
  // Playwright reads its configuration again in each of its processes: one of them unpacks.
  process.env.E2E_CHROMIUM ??= JSON.stringify(await unpackChromium());
  return { ...(JSON.parse(process.env.E2E_CHROMIUM) as Pick<Launch, 'executablePath' | 'env'>), args };
}

/** It brings system libraries of its own, which only it may see: with them in its environment workerd does not start. */
async function unpackChromium(): Promise<Pick<Launch, 'executablePath' | 'env'>> {
  const before = { ...process.env };
  process.env.AWS_LAMBDA_JS_RUNTIME = 'nodejs20.x';
  const folder = mkdtempSync(join(tmpdir(), 'postern-chromium-'));
  process.env.TMPDIR = folder;
  const { default: chromium } = await import('@sparticuz/chromium');
  const executablePath = await chromium.executablePath();
  const env = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? '']));
  // Its own configuration looks for its fonts in /tmp alone; a page without any shows no text.
  env.FONTCONFIG_FILE = join(folder, 'fonts.conf');
  const fonts = [join(folder, 'fonts'), '/usr/share/fonts'].map((path) => `<dir>${path}</dir>`).join('');
  writeFileSync(env.FONTCONFIG_FILE, `<fontconfig>${fonts}<cachedir>${join(folder, 'cache')}</cachedir></fontconfig>`);
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  return { executablePath, env };
}
