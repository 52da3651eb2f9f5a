// `npm start` on free ports with an empty state, for all tests of a run; and what the tests must know of it.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPort, ROOT } from '../../support/start.ts';

const READY_MS = 180_000;

/** Set by the set-up, read by the tests. */
export const stack = {
  get url(): string {
    return process.env.E2E_PLAYGROUND ?? '';
  },
  get api(): string {
    return process.env.E2E_API ?? '';
  },
  /** The newcomer's account token: what `npm run account -- token` prints. */
  get token(): string {
    return readState('account-token').trim();
  },
  /** Every secret that this stack has on disk, by what it is. */
  get secrets(): Record<string, string> {
    const demos = [...readState('playground.env').matchAll(/pipeline_[0-9a-z]{32}/g)].map(([secret]) => secret);
    const session = /SESSION_KEY=['"]?([\w-]+)/.exec(readState('playground.env'))?.[1] ?? '';
    return {
      'account token': stack.token,
      'token of the demos': readState('demos-token').trim(),
      'admin token': /ADMIN_TOKEN=(\S+)/.exec(readState('admin.env'))?.[1] ?? '',
      'session key': session,
      ...Object.fromEntries(demos.map((secret, i) => [`secret of demo ${i + 1}`, secret])),
    };
  },
};

function readState(name: string): string {
  return readFileSync(join(process.env.E2E_STATE ?? '', name), 'utf8');
}

export default async function start(): Promise<() => Promise<void>> {
  const state = mkdtempSync(join(tmpdir(), 'postern-e2e-'));
  const { API_PORT, PLAYGROUND_PORT } = process.env;
  const [api, playground] = [API_PORT ?? (await findPort()), PLAYGROUND_PORT ?? (await findPort())];
  Object.assign(process.env, {
    E2E_STATE: state,
    E2E_API: `http://localhost:${api}`,
    E2E_PLAYGROUND: `http://localhost:${playground}`,
  });
  // E2E_SCRIPT=dev: the same tests against Vite's development server.
  const server = spawn('npm', ['run', process.env.E2E_SCRIPT ?? 'start'], {
    cwd: ROOT,
    detached: true,
    env: {
      ...process.env,
      API_PORT: String(api),
      PLAYGROUND_PORT: String(playground),
      POSTERN_STATE: state,
      NO_COLOR: '1',
    },
  });
  let output = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream?.on('data', (data) => {
      output += data;
    });
  }
  try {
    await waitForDemos(server, () => output);
  } catch (error) {
    await stop(server, state);
    throw error;
  }
  return () => stop(server, state);
}

async function waitForDemos(server: ChildProcess, output: () => string): Promise<void> {
  for (const end = Date.now() + READY_MS; Date.now() < end; ) {
    if (server.exitCode !== null) throw new Error(`npm start ended:\n${output()}`);
    try {
      const response = await fetch(`${stack.url}/demos`);
      const { demos } = (await response.json()) as { demos: unknown[] };
      if (demos.length === 5) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`npm start brought no five demos:\n${output()}`);
}

async function stop(server: ChildProcess, state: string): Promise<void> {
  const ended = new Promise((resolve) => server.once('exit', resolve));
  if (server.exitCode === null) {
    server.kill('SIGTERM');
    await ended;
  }
  rmSync(state, { recursive: true, force: true });
}
