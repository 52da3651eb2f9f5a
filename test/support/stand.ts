// The built Worker in a workerd process of its own that can be killed, with its account objects on disk and a KV that can
// fail: what it was told before it died must be there afterwards.
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readResident, toCommand, waitFor } from '../bench/workerd.ts';
import { BUILD, ROOT } from './build.ts';
import { type FaultyKv, startFaultyKv } from './faulty-kv.ts';
import { findPort } from './start.ts';
import { ADMIN_TOKEN } from './worker.ts';

export interface Stand {
  readonly origin: string;
  readonly kv: FaultyKv;
  /** Everything that the Workers have written. */
  readonly logs: string[];
  /** When the present process was started. */
  startedAt(): number;
  /** SIGKILL: no handler runs, nothing is flushed. */
  kill(): Promise<void>;
  /** On the same state, until it answers. */
  start(): Promise<void>;
  /** Ends an account object in the middle of whatever it does; the next call or its alarm makes a new one. */
  abort(accountId: string): Promise<void>;
  /** How far the Worker's clock is ahead. */
  setAhead(ms: number): Promise<void>;
  /** MB of the process. */
  resident(): number;
  dispose(): Promise<void>;
}

const ENTRY = 'stand.js';
const PATH = '/stand/';
/** Around the built Worker: a clock that can be moved, and objects that can be ended. */
const MODULE = `const { now } = Date;
let ahead = 0;
Date.now = () => now() + ahead;
const { AccountObject: Base, default: worker } = await import('index.js');
export class AccountObject extends Base {
  abortNow() { this.ctx.abort('stand'); }
}
export default { async fetch(request, env, ctx) {
  const { pathname, search } = new URL(request.url);
  if (!pathname.startsWith('${PATH}')) return worker.fetch(request, env, ctx);
  if (pathname.endsWith('ahead')) ahead = Number(search.slice(1));
  else await env.ACCOUNTS.getByName(search.slice(1)).abortNow().catch(() => undefined);
  return new Response(null, { status: 204 });
} };`;

/** The Worker must have been built. */
export async function startStand(): Promise<Stand> {
  const kv = await startFaultyKv();
  const folder = mkdtempSync(join(tmpdir(), 'postern-stand-'));
  const storage = join(folder, 'objects');
  mkdirSync(storage);
  // Another test run may build anew meanwhile.
  const worker = join(folder, 'worker');
  cpSync(BUILD, worker, { recursive: true });
  writeFileSync(join(worker, ENTRY), MODULE);
  const port = await findPort();
  const origin = `http://127.0.0.1:${port}`;
  const texts = { ADMIN_TOKEN };
  const [command = '', ...rest] = toCommand({ folder: worker, kv: kv.port, entry: ENTRY, storage, texts }, port);
  const logs: string[] = [];
  let child: ChildProcess | null = null;
  let startedAt = 0;

  async function start(): Promise<void> {
    startedAt = Date.now();
    const started = spawn(command, rest, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [started.stdout, started.stderr]) stream.on('data', (text) => logs.push(String(text)));
    child = started;
    await waitFor(`${origin}/health/live`, started);
  }

  async function kill(): Promise<void> {
    const running = child;
    if (running === null || running.exitCode !== null) return;
    child = null;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await ended;
  }

  await start();
  return {
    origin,
    kv,
    logs,
    startedAt: () => startedAt,
    start,
    kill,
    abort: (accountId) =>
      fetch(`${origin}${PATH}abort?${accountId}`).then(
        () => undefined,
        () => undefined,
      ),
    setAhead: (ms) => fetch(`${origin}${PATH}ahead?${ms}`).then(() => undefined),
    resident: () => (child === null ? 0 : readResident(child)),
    async dispose() {
      await kill();
      kv.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
