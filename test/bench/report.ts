// The measurements as JSON, as a table for the terminal and as docs/performance.md.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, release, totalmem, type } from 'node:os';
import type { ImageMeasured } from './images.ts';
import type { Measured } from './main.ts';
import type { ServerName } from './servers.ts';

const TITLES: Record<ServerName, string> = {
  noop: 'no-op Worker',
  predict: 'Postern, GET prediction',
  node_noop: 'no-op on Node',
  node_predict: 'onnxruntime-node on Node',
};

export interface Report {
  readonly json: object;
  readonly table: string;
  readonly markdown: string;
}

export function toReport(
  results: ReadonlyMap<ServerName, Measured>,
  images: readonly ImageMeasured[],
  run: { rounds: number; seconds: number; starts: number; connections: number },
): Report {
  const none: Measured = { rps: 0, p50: 0, p99: 0, memory: 0, cold: 0, share: 0 };
  const of = (name: ServerName): Measured => results.get(name) ?? none;
  const warmRatio = of('predict').share;
  const coldRatio = of('predict').cold / of('noop').cold;
  const rows = (Object.keys(TITLES) as ServerName[]).map((name) => {
    const { rps, p50, p99, memory, cold, share } = of(name);
    const base = of(name.startsWith('node') ? 'node_noop' : 'noop');
    return [
      TITLES[name],
      Math.round(rps).toLocaleString('en'),
      share.toFixed(2),
      String(p50),
      String(p99),
      cold.toFixed(0),
      (cold / base.cold).toFixed(1),
      memory.toFixed(0),
    ];
  });
  const heads = ['', 'requests/s', '× no-op', 'p50 ms', 'p99 ms', 'first answer ms', '× no-op', 'memory MB'];
  const table = [heads, heads.map((_, i) => (i === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
  return {
    table: images.length === 0 ? table : `${table}\n\n${toImageTable(images)}`,
    json: {
      warm: {
        noop_rps: round(of('noop').rps),
        predict_rps: round(of('predict').rps),
        node_noop_rps: round(of('node_noop').rps),
        node_predict_rps: round(of('node_predict').rps),
        ratio: Number(warmRatio.toFixed(3)),
      },
      cold: {
        noop_ms: round(of('noop').cold),
        predict_ms: round(of('predict').cold),
        ratio: Number(coldRatio.toFixed(2)),
      },
      memory_mb: Object.fromEntries([...results].map(([name, { memory }]) => [name, round(memory)])),
    },
    markdown: `# Performance

Written by \`npm run bench\`: one run, side by side, on one machine. Compare the ratios, not the numbers.

${table}

The request is the tutorial's GET prediction. A no-op answers the same bytes with the same headers and does nothing
for it: the Worker's is the limit of the platform, Node's the limit of Hono on Node. Workers run under plain
\`workerd serve\`, without the proxy that \`wrangler dev\` puts in front. Requests per second, their ratio and latencies are the
median of ${run.rounds} rounds of ${run.seconds} s over ${run.connections} connections, the servers taking turns; *first answer* is the time from the start
of the process to the end of its first answer, the median of ${run.starts} starts; memory is resident, after the load.

## Images

${toImageTable(images)}

Milliseconds of one PNG in one thread, stage by stage, and requests per second of the whole: the Worker in Miniflare, which puts
a proxy in front, beside onnxruntime-node with sharp on one thread without one; the image is the body of the request.

${machine()}
`,
  };
}

function toImageTable(images: readonly ImageMeasured[]): string {
  const heads = ['', 'decode ms', 'preprocess ms', 'run ms', 'requests/s', 'onnxruntime-node + sharp', 'ratio'];
  const rows = images.map(({ name, decode, preprocess, run, rps, nodeRps }) => [
    name,
    ...[decode, preprocess, run].map((ms) => ms.toPrecision(2)),
    ...[rps, nodeRps].map((rate) => Math.round(rate).toLocaleString('en')),
    (rps / nodeRps).toFixed(2),
  ]);
  return [heads, heads.map((_, i) => (i === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function machine(): string {
  const require = createRequire(import.meta.url);
  const version = (name: string): string => {
    // Some packages do not export their package.json.
    const path = require.resolve.paths(name)?.map((folder) => `${folder}/${name}/package.json`) ?? [];
    for (const candidate of path) {
      try {
        return (JSON.parse(readFileSync(candidate, 'utf8')) as { version: string }).version;
      } catch {
        // Not in this folder.
      }
    }
    return '?';
  };
  const packages = ['workerd', 'hono', 'onnxruntime-web', 'onnxruntime-node', '@hono/node-server', 'sharp'];
  const cpu = cpus()[0]?.model.trim() ?? 'unknown CPU';
  return [
    `Machine: ${cpus().length} cores of ${cpu}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}.`,
    `Node ${process.versions.node}; ${packages.map((name) => `${name} ${version(name)}`).join(', ')}.`,
  ].join('\n');
}

const round = (value: number): number => Math.round(value);
