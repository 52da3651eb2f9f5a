// The children of `npm start`: Wrangler's local workerd, twice. When one ends, all end.
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { ROOT, STATE } from './state.ts';

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;

/** Nothing is asked of the network and nothing is told to it; and two checkouts do not find each other's Workers. */
const QUIET = {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_LOG_PATH: join(ROOT, '.wrangler/logs'),
  WRANGLER_REGISTRY_PATH: join(STATE, 'registry'),
};

const require = createRequire(import.meta.url);
const children: ChildProcess[] = [];

export interface Child {
  readonly name: string;
  readonly port: number;
}

/** @param args what stands here can be read by every process: no secrets. */
export function startWrangler(name: string, port: number, args: readonly string[]): Child {
  const wrangler = join(dirname(require.resolve('wrangler/package.json')), 'bin/wrangler.js');
  // Below `error` Wrangler logs every request with its URL, and the URL is a secret.
  const common = ['--log-level', 'error', '--show-interactive-dev-session=false', '--inspector-port', '0'];
  run([wrangler, 'dev', '--port', String(port), ...common, ...args]);
  return { name, port };
}

/** Vite's command line, which ends by itself (`build`) or serves (`dev`). */
export function startVite(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  const vite = join(dirname(require.resolve('vite/package.json')), 'bin/vite.js');
  return spawn(process.execPath, [vite, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...QUIET, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** One more that ends with the others. */
export function adopt(child: ChildProcess): void {
  children.push(child);
  child.on('exit', (code) => {
    stopChildren();
    process.exitCode ??= code ?? 0;
  });
}

/** From now on a signal to this process alone ends all of them. */
export function stopOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Libraries of Wrangler listen too, and end this process before the Workers' have been told.
    process.removeAllListeners(signal);
    process.on(signal, stopChildren);
  }
  process.on('exit', () => {
    for (const child of children) child.kill();
  });
}

export function stopChildren(): void {
  for (const child of children) child.kill('SIGTERM');
  setTimeout(() => {
    for (const child of children) child.kill('SIGKILL');
  }, STOP_TIMEOUT_MS).unref();
}

/** Says it and ends everything. */
export function stop(message: string): never {
  console.error(message);
  for (const child of children) child.kill();
  process.exit(1);
}

/** Until it answers at this path. */
export async function waitFor({ name, port }: Child, path: string): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    try {
      if ((await fetch(`http://localhost:${port}${path}`)).ok) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  stop(`${name} does not answer on port ${port} after ${READY_TIMEOUT_MS / 1000} s.`);
}

/** Whether somebody listens there already, on IPv4 or IPv6. */
export async function isTaken(port: number): Promise<boolean> {
  const answers = ['127.0.0.1', '::1'].map(
    (host) =>
      new Promise<boolean>((resolve) => {
        const socket = connect(port, host, () => {
          socket.destroy();
          resolve(true);
        });
        socket.on('error', () => resolve(false));
      }),
  );
  return (await Promise.all(answers)).includes(true);
}

function run(command: readonly string[]): void {
  const env = { ...process.env, ...QUIET };
  adopt(spawn(process.execPath, command, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] }));
}
