// The built Worker under plain `workerd serve`, without a proxy in front: its configuration, its process, its memory.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fetch } from 'miniflare';
import { BUILD, ROOT } from '../support/build.ts';
import { findPort } from '../support/start.ts';
import { type Inspector, openInspector } from './inspector.ts';

const WORKERD: string = createRequire(import.meta.url)('workerd').default;
const COMPATIBILITY_DATE = /compatibility_date = "(.*)"/.exec(readFileSync(join(ROOT, 'wrangler.toml'), 'utf8'))?.[1];

/** The whole Worker, with its engine. */
const COMPILED_BYTES = 256 * 1024 * 1024;

export interface WorkerdOptions {
  /** Holds `index.js` and the modules beside it. */
  readonly folder: string;
  /** What answers as KV: a module in the folder, or a server on this port. Without it the Worker has no bindings. */
  readonly kv?: string | number;
  /** A module in the folder that is the Worker in place of `index.js`, which it imports. */
  readonly entry?: string;
  /** The folder that account objects are kept in; without it, in memory. */
  readonly storage?: string;
  /** Bound by name. */
  readonly texts?: Readonly<Record<string, string>>;
  readonly inspectorPort?: number;
  readonly v8Flags?: readonly string[];
}

/** @returns the command that serves the Worker on `port`. */
export function toCommand(options: WorkerdOptions, port: number): string[] {
  const { folder, kv, entry, storage, texts, inspectorPort, v8Flags } = options;
  const first = entry ?? 'index.js';
  const modules = readdirSync(folder)
    .sort((a, b) => Number(b === first) - Number(a === first))
    .flatMap((file) => {
      if (file === 'index.js' || file === entry) return [`(name = "${file}", esModule = embed "${file}")`];
      if (file.endsWith('.wasm')) return [`(name = "./${file}", wasm = embed "${file}")`];
      if (file.endsWith('.onnx')) return [`(name = "./${file}", data = embed "${file}")`];
      return [];
    });
  const bindings = `bindings = [(name = "KV", kvNamespace = "kv"), (name = "ACCOUNTS", durableObjectNamespace = "AccountObject")${toBindings(texts)}],
  durableObjectNamespaces = [(className = "AccountObject", uniqueKey = "bench", enableSql = true)],
  durableObjectStorage = (${storage === undefined ? 'inMemory = void' : 'localDisk = "objects"'}),`;
  const disk =
    storage === undefined ? '' : `(name = "objects", disk = (path = ${JSON.stringify(storage)}, writable = true)), `;
  const kvService =
    typeof kv === 'number'
      ? `(name = "kv", external = (address = "127.0.0.1:${kv}", http = ())), `
      : kv === undefined
        ? ''
        : '(name = "kv", worker = .kv), ';
  // KV comes first: when workerd makes an isolate, V8 throws away what it has compiled quickly of all WebAssembly in the
  // process, and the first request to the one that was there before pays 10 ms for it.
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${disk}${kvService}(name = "main", worker = .main)],
  v8Flags = [${(v8Flags ?? []).map((flag) => `"${flag}"`).join(', ')}],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [${modules.join(', ')}],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  ${kv === undefined ? '' : bindings}
);
${typeof kv === 'string' ? `const kv :Workerd.Worker = (modules = [(name = "${kv}", esModule = embed "${kv}")], compatibilityDate = "${COMPATIBILITY_DATE}");` : ''}
`;
  // As Wrangler and Miniflare hand it over. A text that embeds 19 MB takes 45 ms to read, of which no Worker has a part.
  const text = join(folder, `config-${port}.capnp`);
  writeFileSync(text, config);
  const path = join(folder, `config-${port}.bin`);
  writeFileSync(path, execFileSync(WORKERD, ['compile', '--config-only', text], { maxBuffer: COMPILED_BYTES }));
  const inspector = inspectorPort === undefined ? [] : [`--inspector-addr=127.0.0.1:${inspectorPort}`];
  return [WORKERD, 'serve', '--binary', ...inspector, path];
}

function toBindings(texts: Readonly<Record<string, string>> = {}): string {
  return Object.entries(texts)
    .map(([name, text]) => `, (name = "${name}", text = ${JSON.stringify(text)})`)
    .join('');
}

export interface Memory {
  /** MB of the engines' memories; they never shrink, so that this is also the most they had. */
  readonly wasm: number;
  /** MB of JavaScript: objects, what the platform keeps for them, and buffers. */
  readonly js: number;
}

export interface Workerd {
  readonly origin: string;
  readonly port: number;
  /** What is in use and what is still to be collected; with `collect`, what is in use. */
  memory(collect?: boolean): Promise<Memory>;
  /** Resident memory of the process in MB. */
  resident(): number;
  inspect(): Promise<Inspector>;
  stop(): Promise<void>;
}

const PROBE = 'probe.js';
const PROBE_PATH = '/bench/memory';

/** Starts the built Worker with a module around it that knows the engines' memories. */
export async function startProbed(kvPort: number): Promise<Workerd> {
  // In front of the Worker's own modules, so that it sees each memory as it is made.
  writeFileSync(
    join(BUILD, PROBE),
    `const memories = [];
const { Memory } = WebAssembly;
WebAssembly.Memory = class extends Memory {
  constructor(descriptor) { super(descriptor); memories.push(new WeakRef(this)); }
};
const { AccountObject, default: worker } = await import('index.js');
export { AccountObject };
export default { fetch(request, env, ctx) {
  const at = request.url.indexOf('${PROBE_PATH}');
  if (at < 0) return worker.fetch(request, env, ctx);
  // The second finds the buffers that the first has let go.
  if (request.url.endsWith('collect')) { gc(); gc(); }
  return Response.json(memories.map((memory) => memory.deref()?.buffer.byteLength ?? 0));
} };`,
  );
  const [port, inspectorPort] = [await findPort(), await findPort()];
  const command = toCommand({ folder: BUILD, kv: kvPort, entry: PROBE, inspectorPort, v8Flags: ['--expose-gc'] }, port);
  const child = spawn(...toArguments(pin(command)), { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  const origin = `http://127.0.0.1:${port}`;
  await waitFor(`${origin}/health/live`, child);
  return {
    origin,
    port,
    async memory(collect = false) {
      const memories = (await (await fetch(origin + PROBE_PATH + (collect ? '?collect' : ''))).json()) as number[];
      const wasm = memories.reduce((sum, bytes) => sum + bytes, 0);
      return { wasm: toMb(wasm), js: toMb(await readHeap(inspectorPort)) };
    },
    resident: () => readResident(child),
    inspect: () => openInspector(inspectorPort),
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
  };
}

function toArguments([command = '', ...rest]: readonly string[]): [string, string[]] {
  return [command, rest];
}

/** On a core of its own where there are several, as an isolate has. */
export function pin(command: readonly string[]): string[] {
  return hasTaskset() ? ['taskset', '-c', String(cpus().length - 1), ...command] : [...command];
}

/** Keeps this process and its load off the Worker's core, until the returned function is called. */
export function stayAside(): () => void {
  if (!hasTaskset()) return () => undefined;
  const use = (cores: string): void => {
    execFileSync('taskset', ['-acp', cores, String(process.pid)], { stdio: 'ignore' });
  };
  use(`0-${cpus().length - 2}`);
  return () => use(`0-${cpus().length - 1}`);
}

function hasTaskset(): boolean {
  if (cpus().length < 2) return false;
  try {
    execFileSync('taskset', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export async function waitFor(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`workerd has ended with ${child.exitCode}`);
    try {
      const response = await fetch(url);
      await response.text();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** Bytes that the isolate uses. */
async function readHeap(port: number): Promise<number> {
  const inspector = await openInspector(port);
  const usage = await inspector.call<Record<string, number>>('Runtime.getHeapUsage');
  inspector.close();
  const { usedSize = 0, embedderHeapUsedSize = 0, backingStorageSize = 0 } = usage;
  return usedSize + embedderHeapUsedSize + backingStorageSize;
}

export function readResident(child: ChildProcess): number {
  // With taskset in front the process is still the same: it replaces itself.
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' })) / 1024;
}

const toMb = (bytes: number): number => bytes / 2 ** 20;
