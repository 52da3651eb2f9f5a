// A thousand pipelines in one isolate, asked as popularity goes; and an account of a thousand models, where switching one
// on must take no longer than in an account of ten.

import { buildDense, DENSE_FEATURES, denseManifest } from '../support/dense-model.ts';
import { createRandom } from '../support/random.ts';
import { type ActivationMeasured, measureActivation } from './activation.ts';
import { type Kv, startKv } from './kv.ts';
import { toTable } from './numbers.ts';
import { type OpenLoopResult, runOpenLoop, toRequest } from './open-loop.ts';
import { round, type Section } from './section.ts';
import { type Memory, startProbed, stayAside } from './workerd.ts';

export interface ScaleMeasured {
  readonly pipelines: number;
  /** From the first request on, when nothing is in memory. */
  readonly cold: TrafficMeasured;
  /** The same again, right after it. */
  readonly warm: TrafficMeasured;
  readonly memory: Memory;
  readonly activations: readonly ActivationMeasured[];
}

export interface TrafficMeasured {
  readonly result: OpenLoopResult;
  /** Pipelines that were asked. */
  readonly asked: number;
  /** Models that were loaded: every miss is one. */
  readonly loads: number;
  /** Loads of a model that had been in memory before and had to go. */
  readonly reloads: number;
  /** Requests that found their model in memory. */
  readonly hitRate: number;
}

const PIPELINES = 1000;
const CONNECTIONS = 64;
const PER_SECOND = 250;
/** What a read from a nearby KV takes. */
const KV_LATENCY_MS = 5;
/** From 3 KB to 190 KB, half of them below 25 KB. */
const SMALLEST = 16;
const LARGEST = 210;

export async function measureScale(
  seconds: number,
  models: readonly number[],
  repeats: number,
): Promise<ScaleMeasured> {
  const comeBack = stayAside();
  const kv = await startKv();
  kv.latencyMs = KV_LATENCY_MS;
  const random = createRandom(11);
  const wires: string[] = [];
  for (let i = 0; i < PIPELINES; i += 1) {
    const width = Math.round(SMALLEST * (LARGEST / SMALLEST) ** random());
    const path = await kv.publish(denseManifest, buildDense({ width, layers: 3, seed: i }));
    wires.push(toRequest('GET', `${path}?${DENSE_FEATURES.map((name, at) => `${name}=${at / 2}`).join('&')}`));
  }
  const pick = createZipf(PIPELINES, random);
  const worker = await startProbed(kv.port);
  const loaded = new Set<string>();
  const traffic = () => measureTraffic(worker.port, kv, seconds, loaded, () => wires[pick()] ?? '');
  const cold = await traffic();
  const warm = await traffic();
  const memory = await worker.memory(true);
  await worker.stop();
  kv.close();
  comeBack();
  return { pipelines: PIPELINES, cold, warm, memory, activations: await measureActivation(models, repeats) };
}

async function measureTraffic(
  port: number,
  kv: Kv,
  seconds: number,
  loaded: Set<string>,
  next: () => string,
): Promise<TrafficMeasured> {
  const asked = new Set<string>();
  const known = loaded.size;
  kv.reads.clear();
  const result = await runOpenLoop({
    port,
    connections: CONNECTIONS,
    perSecond: PER_SECOND,
    seconds,
    next() {
      const wire = next();
      asked.add(wire);
      return wire;
    },
  });
  let loads = 0;
  for (const [key, count] of kv.reads) {
    if (!key.startsWith('model:')) continue;
    loads += count;
    loaded.add(key);
  }
  const answers = result.statuses[200] ?? 0;
  const reloads = loads - (loaded.size - known);
  return { result, asked: asked.size, loads, reloads, hitRate: 1 - loads / answers };
}

/** The n-th most popular of `count` is asked for with a share of 1/n (Zipf). */
function createZipf(count: number, random: () => number): () => number {
  const sums: number[] = [];
  let sum = 0;
  for (let n = 1; n <= count; n += 1) {
    sum += 1 / n;
    sums.push(sum);
  }
  return () => {
    const at = random() * sum;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

export function reportScale({ pipelines, cold, warm, memory, activations }: ScaleMeasured): Section {
  const count = (value: number): string => Math.round(value).toLocaleString('en');
  const row = (name: string, { result, asked, loads, reloads, hitRate }: TrafficMeasured): string[] => [
    name,
    count(result.statuses[200] ?? 0),
    count(asked),
    `${(100 * hitRate).toFixed(1)} %`,
    count(loads),
    count(reloads),
    result.p50.toPrecision(2),
    count(result.p99),
  ];
  const traffic = toTable(
    ['', 'answers', 'pipelines asked', 'model in memory', 'loads', 'of these again', 'p50 ms', 'p99 ms'],
    [row('from nothing', cold), row('right after', warm)],
  );
  const activation = toTable(
    ['models in the account', ...activations.map(({ models }) => count(models))],
    [['ms until active', ...activations.map(({ ms }) => count(ms))]],
  );
  return {
    title: 'A thousand pipelines',
    table: `${traffic}\n\n${activation}`,
    text: `${count(pipelines)} pipelines of dense networks of 3 to 190 KB in one isolate on one core, ${PER_SECOND} requests a second; the n-th most popular is
asked for with a share of 1/n (Zipf). A read from storage takes ${KV_LATENCY_MS} ms: a pipeline's record is read again after 8 s, which
is what p50 shows, and a model that is not in memory is read and loaded, which is what p99 shows. *Loads again* are those
of models that had to make room for others. Afterwards the engine had ${memory.wasm.toFixed(0)} MB and JavaScript ${memory.js.toFixed(0)} MB.

*Until active*: from the call that activates the tutorial's forest, checks and publication included, until the account shows it as active.`,
    json: {
      scale: {
        pipelines,
        hit_rate_from_nothing: round(cold.hitRate, 3),
        hit_rate: round(warm.hitRate, 3),
        p50_ms: round(warm.result.p50, 1),
        p99_ms: round(warm.result.p99, 1),
        loads: cold.loads + warm.loads,
        evicted_and_loaded_again: cold.reloads + warm.reloads,
        engine_mb: round(memory.wasm, 1),
        js_mb: round(memory.js, 1),
        activation_ms: Object.fromEntries(activations.map(({ models, ms }) => [models, round(ms)])),
      },
    },
  };
}
