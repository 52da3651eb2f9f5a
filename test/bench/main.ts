// `npm run bench`: the Worker beside a no-op Worker, and beside the same on Node, in one run. Writes
// docs/performance.md; `--quick --json` takes under 50 seconds and prints one JSON object on its last line.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { ROOT } from '../support/build.ts';
import { measureImages } from './images.ts';
import { toReport } from './report.ts';
import { prepare, type Server, type ServerName, start } from './servers.ts';

const NAMES: readonly ServerName[] = ['noop', 'predict', 'node_noop', 'node_predict'];
const CONNECTIONS = 16;

export interface Measured {
  rps: number;
  p50: number;
  p99: number;
  memory: number;
  cold: number;
  /** Requests per second as a share of its own no-op's: the median of the rounds, each of which compares neighbours. */
  share: number;
}

const quick = process.argv.includes('--quick');
const json = process.argv.includes('--json');
const rounds = quick ? 6 : 15;
const seconds = quick ? 1 : 2;
const starts = quick ? 9 : 25;

await prepare();
const results = new Map<ServerName, Measured>();
const cold = await measureCold();
const warm = await measureWarm();
for (const name of NAMES) results.set(name, { ...warm(name), cold: cold(name) });

// The quick run is for the one request that everything is measured by.
const images = quick ? [] : await measureImages(5, 2);
const report = toReport(results, images, { rounds, seconds, starts, connections: CONNECTIONS });
if (!quick) writeFileSync(join(ROOT, 'docs/performance.md'), report.markdown);
console.log(json ? JSON.stringify(report.json) : report.table);

/** Time from process start to first answer: all four in turn, again and again, the median of each. */
async function measureCold(): Promise<(name: ServerName) => number> {
  const times = new Map<ServerName, number[]>(NAMES.map((name) => [name, []]));
  for (let i = 0; i < starts; i += 1) {
    for (const name of NAMES) {
      const server = await start(name);
      times.get(name)?.push(server.firstAnswerMs);
      await server.stop();
    }
  }
  return (name) => median(times.get(name) ?? []);
}

/** Requests per second: all four run, one at a time is asked; the median of the rounds. */
async function measureWarm(): Promise<(name: ServerName) => Omit<Measured, 'cold'>> {
  const servers = new Map<ServerName, Server>();
  for (const name of NAMES) servers.set(name, await start(name));
  const samples = new Map<ServerName, { rps: number; p50: number; p99: number }[]>(NAMES.map((name) => [name, []]));
  for (const [, server] of servers) await load(server.url, 1);
  for (let i = 0; i < rounds; i += 1) {
    for (const [name, server] of servers) samples.get(name)?.push(await load(server.url, seconds));
  }
  const memory = new Map([...servers].map(([name, server]) => [name, server.memory()]));
  for (const [, server] of servers) await server.stop();
  return (name) => {
    const of = (key: 'rps' | 'p50' | 'p99') => median((samples.get(name) ?? []).map((sample) => sample[key]));
    const base = samples.get(name.startsWith('node') ? 'node_noop' : 'noop') ?? [];
    const share = median((samples.get(name) ?? []).map(({ rps }, i) => rps / (base[i]?.rps ?? Number.NaN)));
    return { rps: of('rps'), p50: of('p50'), p99: of('p99'), memory: memory.get(name) ?? 0, share };
  };
}

async function load(url: string, duration: number): Promise<{ rps: number; p50: number; p99: number }> {
  const result = await autocannon({ url, connections: CONNECTIONS, duration });
  if (result.errors > 0 || result.non2xx > 0) throw new Error(`${result.errors} errors, ${result.non2xx} not 2xx`);
  return { rps: result.requests.total / result.duration, p50: result.latency.p50, p99: result.latency.p99 };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
