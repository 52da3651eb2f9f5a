// The children of the command line: Wrangler and Vite. A signal to this process ends all of them, and so does the end of
// any that is meant to go on.
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ROOT, STATE } from './state.ts';

const STOP_TIMEOUT_MS = 5_000;

/** Where Workers find each other; a folder of its own, so that two checkouts do not. */
const REGISTRY = join(STATE, 'registry');
/** Nothing is asked of the network and nothing is told to it. */
const ENVIRONMENT = {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_LOG_PATH: join(ROOT, '.wrangler/logs'),
  WRANGLER_REGISTRY_PATH: REGISTRY,
  // Under Vite it has another name.
  MINIFLARE_REGISTRY_PATH: REGISTRY,
};

const require = createRequire(import.meta.url);
const children = new Set<ChildProcess>();
/** The exit code to come, once all are being ended. */
let ending: number | null = null;

/** @param args what stands here can be read by every process: no secrets. */
export function startWrangler(name: string, port: number, args: readonly string[]): void {
  // Below `error` Wrangler logs every request with its URL, and the URL is a secret.
  const common = ['--log-level', 'error', '--show-interactive-dev-session=false', '--inspector-port', '0'];
  const wrangler = [getScript('wrangler', 'bin/wrangler.js'), 'dev', '--port', String(port), ...common, ...args];
  keep(name, start(wrangler, {}, 'inherit'));
}

/** Vite's server with hot reload. */
export function startVite(name: string, args: readonly string[], env: Readonly<Record<string, string>>): void {
  keep(name, start([getScript('vite', 'bin/vite.js'), ...args], env, 'inherit'));
}

/** @throws Error with what Vite said. */
export async function runVite(args: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const { code, out, err } = await collect(start([getScript('vite', 'bin/vite.js'), ...args], env, 'pipe'));
  if (code !== 0) throw new Error(`${out}${err}`.trim());
}

export interface Ended {
  readonly code: number;
  /** What it said, where it was not shown. */
  readonly out: string;
  readonly err: string;
}

/**
 * One command of Wrangler, to its end.
 * @param args can be read by every process: no secrets.
 * @param shown on the terminal, where it may ask as well; else what it says is in the answer.
 */
export function runWrangler(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  shown = false,
): Promise<Ended> {
  const command = [getScript('wrangler', 'bin/wrangler.js'), ...args];
  return collect(start(command, env, shown ? 'inherit' : 'pipe', shown ? 'inherit' : 'ignore'));
}

async function collect(child: ChildProcess): Promise<Ended> {
  const said = { out: '', err: '' };
  child.stdout?.on('data', (data) => {
    said.out += data;
  });
  child.stderr?.on('data', (data) => {
    said.err += data;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code: code ?? 1, ...said };
}

function start(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  output: 'inherit' | 'pipe',
  input: 'inherit' | 'ignore' = 'ignore',
): ChildProcess {
  if (ending !== null) throw new Error('Nothing is started while all is being ended.');
  const child = spawn(process.execPath, command, {
    cwd: ROOT,
    env: { ...process.env, ...ENVIRONMENT, ...env },
    stdio: [input, output, output],
  });
  children.add(child);
  child.once('exit', () => {
    children.delete(child);
    if (ending !== null && children.size === 0) process.exit(ending);
  });
  return child;
}

/** Its end is the end of all, and none that was asked for is a failure. */
function keep(name: string, child: ChildProcess): void {
  child.once('exit', (code, signal) => {
    if (ending !== null) return;
    console.error(`${name} has ended (${signal ?? `exit code ${code}`}), so everything is stopped.`);
    endAll(code || 1);
  });
}

/** From now on a signal to this process alone ends all of them. */
export function endOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Libraries listen too, and would end this process before its children have been told.
    process.removeAllListeners(signal);
    process.on(signal, () => endAll(0));
  }
  process.on('exit', () => {
    for (const child of children) child.kill();
  });
}

/** Ends the children, and then this process. What is said first is the reason; what follows from it is not heard. */
export function endAll(exitCode: number, message?: string): void {
  if (ending !== null) return;
  ending = exitCode;
  if (message !== undefined) console.error(message);
  if (children.size === 0) process.exit(exitCode);
  for (const child of children) child.kill('SIGTERM');
  setTimeout(() => {
    for (const child of children) child.kill('SIGKILL');
  }, STOP_TIMEOUT_MS).unref();
}

function getScript(name: string, path: string): string {
  return join(dirname(require.resolve(`${name}/package.json`)), path);
}
