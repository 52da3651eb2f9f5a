// The servers that are compared. Workers run under plain `workerd serve`, without a proxy in front.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { pipelineKey } from '../../worker/registry/records.ts';
import { createSecret, toDigest } from '../../worker/registry/secret.ts';
import { BUILD, buildWorker, ROOT } from '../support/build.ts';
import { findPort } from '../support/start.ts';
import { ANSWER, QUERY } from './answer.ts';
import { readResident, toCommand } from './workerd.ts';

const FOLDER = join(ROOT, 'dist');
const PYTHON = '/usr/bin/python3';

export type ServerName = 'noop' | 'predict' | 'node_noop' | 'node_predict' | 'fastapi';

/** Those that can run here. */
export function findServers(): ServerName[] {
  const names: ServerName[] = ['noop', 'predict', 'node_noop', 'node_predict'];
  try {
    execFileSync(PYTHON, ['-c', 'import fastapi, uvicorn, sklearn'], { stdio: 'ignore' });
    return [...names, 'fastapi'];
  } catch {
    console.error('FastAPI is left out: apt install python3-fastapi python3-uvicorn python3-sklearn');
    return names;
  }
}

export interface Server {
  readonly url: string;
  /** Milliseconds from the start of the process to the end of its first answer. */
  readonly firstAnswerMs: number;
  /** Resident memory now, in MB. */
  memory(): number;
  stop(): Promise<void>;
}

const secret = createSecret((bytes) => crypto.getRandomValues(bytes));

/** Builds both Workers and their configurations. */
export async function prepare(): Promise<void> {
  // What earlier builds left there would be loaded as well.
  rmSync(BUILD, { recursive: true, force: true });
  buildWorker();
  await build({
    entryPoints: [join(ROOT, 'test/bench/no-op-worker.ts')],
    outfile: join(FOLDER, 'no-op/index.js'),
    bundle: true,
    format: 'esm',
  });
  await build({
    entryPoints: [join(ROOT, 'test/bench/node-server.ts')],
    outfile: join(FOLDER, 'node/server.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['onnxruntime-node', 'sharp'],
  });
  const manifest = JSON.parse(readFileSync(join(ROOT, 'worker/tutorial/manifest.json'), 'utf8'));
  const model = readFileSync(join(ROOT, 'worker/tutorial/iris.votes.onnx'));
  const record = {
    v: 1,
    state: 'active',
    account_id: 'account_bench',
    model_id: 'model_tutorial',
    name: 'Iris',
    version: 1,
    model: { digest: await toDigest(new Uint8Array(model)), bytes: model.length, optimise: false },
    manifest,
  };
  // KV as a service of one record: what Cloudflare's edge cache does.
  const key = pipelineKey(await toDigest(secret));
  const kv = `export default { fetch(request) {
    return decodeURIComponent(new URL(request.url).pathname) === ${JSON.stringify(`/${key}`)}
      ? new Response(${JSON.stringify(JSON.stringify(record))})
      : new Response('', { status: 404 });
  } };`;
  writeFileSync(join(BUILD, 'kv.js'), kv);
}

/** @param place where it is to run. */
export async function start(
  name: ServerName,
  place: (command: readonly string[]) => readonly string[] = (command) => command,
): Promise<Server> {
  const port = await findPort();
  const command = place(getCommand(name, port));
  const url = `http://127.0.0.1:${port}/api/${secret}?${QUERY}`;
  const began = performance.now();
  const child = spawn(command[0] ?? '', command.slice(1), { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  const answer = await firstAnswer(url, child);
  const firstAnswerMs = performance.now() - began;
  if (answer !== ANSWER) {
    child.kill('SIGKILL');
    throw new Error(`${name} answers ${answer}`);
  }
  return {
    url,
    firstAnswerMs,
    memory: () => readResident(child),
    stop: () => stop(child),
  };
}

/** A Worker that has started and was not asked yet. */
export async function startIdle(name: 'noop' | 'predict'): Promise<{ ask(): Promise<number>; stop(): Promise<void> }> {
  const port = await findPort();
  const [command = '', ...rest] = getCommand(name, port);
  const child = spawn(command, rest, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  while (!(await isListening(port))) {
    if (child.exitCode !== null) throw new Error(`the server has ended with ${child.exitCode}`);
    await sleep(5);
  }
  await sleep(IDLE_MS);
  return {
    async ask() {
      const began = performance.now();
      const answer = await ask(`http://127.0.0.1:${port}/api/${secret}?${QUERY}`);
      const took = performance.now() - began;
      if (answer !== ANSWER) throw new Error(`${name} answers ${answer}`);
      return took;
    },
    stop: () => stop(child),
  };
}

/** What a Worker does as it starts is over by then. */
const IDLE_MS = 300;

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

function getCommand(name: ServerName, port: number): string[] {
  switch (name) {
    case 'noop':
      return toCommand({ folder: join(FOLDER, 'no-op') }, port);
    case 'predict':
      return toCommand({ folder: BUILD, kv: 'kv.js' }, port);
    case 'fastapi':
      return [PYTHON, 'test/bench/fastapi_server.py', String(port), 'worker/tutorial/iris.csv'];
    default: {
      const mode = name === 'node_noop' ? 'no-op' : 'predict';
      return [process.execPath, join(FOLDER, 'node/server.mjs'), String(port), mode];
    }
  }
}

/** Asks again every millisecond until the process listens. */
async function firstAnswer(url: string, child: ChildProcess): Promise<string> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server has ended with ${child.exitCode}`);
    const answer = await ask(url);
    if (answer !== null) return answer;
    await sleep(1);
  }
}

function ask(url: string): Promise<string | null> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve(body));
    }).on('error', () => resolve(null));
  });
}
