// The four servers that are compared. Workers run under plain `workerd serve`, without a proxy in front.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { pipelineKey } from '../../worker/registry/records.ts';
import { createSecret, toDigest } from '../../worker/registry/secret.ts';
import { BUILD, buildWorker, ROOT } from '../support/build.ts';
import { ANSWER, QUERY } from './answer.ts';

const require = createRequire(import.meta.url);
const WORKERD: string = require('workerd').default;
const FOLDER = join(ROOT, 'dist');
const NO_OP = join(FOLDER, 'no-op');
const COMPATIBILITY_DATE = /compatibility_date = "(.*)"/.exec(readFileSync(join(ROOT, 'wrangler.toml'), 'utf8'))?.[1];

export type ServerName = 'noop' | 'predict' | 'node_noop' | 'node_predict';

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
  buildWorker();
  await build({
    entryPoints: [join(ROOT, 'test/bench/no-op-worker.ts')],
    outfile: join(NO_OP, 'index.js'),
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
  // KV as a service of one record: what Cloudflare's edge cache does. Before the Worker in the configuration: an isolate
  // that is made later has V8 drop what it has compiled of the Worker's WebAssembly (Heap::CheckMemoryPressure).
  const key = pipelineKey(await toDigest(secret));
  const kv = `export default { fetch(request) {
    return decodeURIComponent(new URL(request.url).pathname) === ${JSON.stringify(`/${key}`)}
      ? new Response(${JSON.stringify(JSON.stringify(record))})
      : new Response('', { status: 404 });
  } };`;
  writeFileSync(join(BUILD, 'kv.js'), kv);
  for (const folder of [BUILD, NO_OP]) compileConfiguration(folder);
}

export async function start(name: ServerName): Promise<Server> {
  const port = await findPort();
  const command = name.startsWith('node') ? nodeCommand(name, port) : workerdCommand(name, port);
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
    memory: () => Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' })) / 1024,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
  };
}

function nodeCommand(name: ServerName, port: number): string[] {
  const script = join(FOLDER, 'node/server.mjs');
  return [process.execPath, script, String(port), name === 'node_noop' ? 'no-op' : 'predict'];
}

function workerdCommand(name: ServerName, port: number): string[] {
  const folder = name === 'noop' ? NO_OP : BUILD;
  return [WORKERD, 'serve', '--binary', join(folder, 'config.bin'), `--socket-addr=http=127.0.0.1:${port}`];
}

/** As Wrangler and Miniflare hand it over. A text that embeds 19 MB takes 45 ms to read, of which no Worker has a part. */
function compileConfiguration(folder: string): void {
  const isNoOp = folder === NO_OP;
  const modules = readdirSync(folder)
    .sort((a, b) => Number(b === 'index.js') - Number(a === 'index.js'))
    .flatMap((file) => {
      if (file === 'index.js') return [`(name = "index.js", esModule = embed "index.js")`];
      if (file.endsWith('.wasm')) return [`(name = "./${file}", wasm = embed "${file}")`];
      if (file.endsWith('.onnx')) return [`(name = "./${file}", data = embed "${file}")`];
      return [];
    });
  const kv = isNoOp ? '' : '(name = "kv", worker = .kv), ';
  const own = isNoOp
    ? ''
    : `bindings = [(name = "KV", kvNamespace = "kv"), (name = "ACCOUNTS", durableObjectNamespace = "AccountObject")],
  durableObjectNamespaces = [(className = "AccountObject", uniqueKey = "bench", enableSql = true)],
  durableObjectStorage = (inMemory = void),`;
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${kv}(name = "main", worker = .main)],
  sockets = [(name = "http", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [${modules.join(', ')}],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  ${own}
);
${isNoOp ? '' : `const kv :Workerd.Worker = (modules = [(name = "kv.js", esModule = embed "kv.js")], compatibilityDate = "${COMPATIBILITY_DATE}");`}
`;
  const path = join(folder, 'config.capnp');
  writeFileSync(path, config);
  const compiled = execFileSync(WORKERD, ['compile', '--config-only', path], { maxBuffer: 256 * 1024 * 1024 });
  writeFileSync(join(folder, 'config.bin'), compiled);
}

export async function findPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Asks again every millisecond until the process listens. */
async function firstAnswer(url: string, child: ChildProcess): Promise<string> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server has ended with ${child.exitCode}`);
    const answer = await ask(url);
    if (answer !== null) return answer;
    await new Promise((resolve) => setTimeout(resolve, 1));
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
