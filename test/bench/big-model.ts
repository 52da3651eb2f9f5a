// A model of 24 MB: its first answer, its steady state, and the memory that it takes in an isolate of 128 MB.
import { buildDense, DENSE_FEATURES, denseManifest, LARGE } from '../support/dense-model.ts';
import { blast } from './blast.ts';
import { startKv } from './kv.ts';
import { median, toTable } from './numbers.ts';
import { round, type Section } from './section.ts';
import { type Memory, startProbed } from './workerd.ts';

export interface BigModelMeasured {
  readonly modelMb: number;
  /** Of the isolate before the model is asked for. */
  readonly before: Memory;
  /** Milliseconds of the first request for it, storage included. */
  readonly firstMs: number;
  /** After its first answer, and after the load. */
  readonly first: Memory;
  readonly steady: Memory;
  /** Of 64 first requests at the same time, together. */
  readonly crowdMs: number;
  readonly crowd: Memory;
  readonly rps: number;
  readonly p50: number;
  readonly p99: number;
}

const CONNECTIONS = 4;
const CROWD = 64;

export async function measureBigModel(starts: number, seconds: number): Promise<BigModelMeasured> {
  const model = buildDense(LARGE);
  const kv = await startKv();
  const path = await kv.publish(denseManifest, model);
  const query = `?${DENSE_FEATURES.map((name, i) => `${name}=${i / 2}`).join('&')}`;
  const times = { first: [] as number[], crowd: [] as number[] };
  const memories = { before: [] as Memory[], first: [] as Memory[], crowd: [] as Memory[] };
  for (let i = 0; i < starts; i += 1) {
    for (const callers of [1, CROWD]) {
      const worker = await startProbed(kv.port);
      const { first, crowd } = times;
      if (callers === 1) memories.before.push(await worker.memory());
      const began = performance.now();
      await Promise.all(Array.from({ length: callers }, () => expectOk(worker.origin + path + query)));
      (callers === 1 ? first : crowd).push(performance.now() - began);
      (callers === 1 ? memories.first : memories.crowd).push(await worker.memory());
      await worker.stop();
    }
  }
  const worker = await startProbed(kv.port);
  await expectOk(worker.origin + path + query);
  await blast({ url: worker.origin + path + query, connections: CONNECTIONS, duration: 1 });
  const result = await blast({ url: worker.origin + path + query, connections: CONNECTIONS, duration: seconds });
  const steady = await worker.memory();
  await worker.stop();
  kv.close();
  return {
    modelMb: model.length / 2 ** 20,
    before: toMedian(memories.before),
    firstMs: median(times.first),
    first: toMedian(memories.first),
    steady,
    crowdMs: median(times.crowd),
    crowd: toMedian(memories.crowd),
    rps: result.requests.total / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
  };
}

async function expectOk(url: string): Promise<void> {
  const response = await fetch(url);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
}

function toMedian(memories: readonly Memory[]): Memory {
  return { wasm: median(memories.map(({ wasm }) => wasm)), js: median(memories.map(({ js }) => js)) };
}

export function reportBigModel(measured: BigModelMeasured): Section {
  const { modelMb, before, first, crowd, steady, firstMs, crowdMs, rps, p50, p99 } = measured;
  const row = (name: string, { wasm, js }: Memory, ...rest: string[]): string[] => [
    name,
    wasm.toFixed(1),
    js.toFixed(1),
    (wasm + js).toFixed(1),
    ...rest,
  ];
  return {
    title: `A model of ${modelMb.toFixed(0)} MB`,
    table: toTable(
      ['', 'engine MB', 'JavaScript MB', 'together MB', 'ms', 'requests/s'],
      [
        row('before it is asked for', before, '', ''),
        row('after its first answer', first, firstMs.toFixed(0), ''),
        row(`after ${CROWD} first requests at once`, crowd, crowdMs.toFixed(0), ''),
        row('steady state', steady, `p50 ${p50}, p99 ${p99}`, Math.round(rps).toLocaleString('en')),
      ],
    ),
    text: `A dense network, made by \`test/support/dense-model.ts\`, in an isolate of 128 MB. *Engine* is the WebAssembly memory, which never
shrinks: what it is in the end is the most it was, the moment included in which the model was loaded. *JavaScript* is
what V8 uses and has not collected yet, buffers included. Milliseconds are those of the first requests, storage
included, which here is a server beside the Worker; requests per second are of ${CONNECTIONS} connections, the Worker on one core.`,
    json: {
      big_model: {
        model_mb: round(modelMb, 1),
        first_answer_ms: round(firstMs),
        engine_mb: round(first.wasm, 1),
        js_mb: round(first.js, 1),
        total_mb: round(first.wasm + first.js, 1),
        crowd: { requests: CROWD, ms: round(crowdMs), total_mb: round(crowd.wasm + crowd.js, 1) },
        steady: { rps: round(rps), p50_ms: p50, p99_ms: p99, total_mb: round(steady.wasm + steady.js, 1) },
      },
    },
  };
}
