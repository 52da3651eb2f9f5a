// The tutorial's GET prediction beside servers that do nothing for the same answer, and beside what one would write by
// hand: requests per second, latency, memory, and the time from the start of a process.
import { blast } from './blast.ts';
import { median, toTable } from './numbers.ts';
import { round, type Section } from './section.ts';
import { type Server, type ServerName, start, startIdle } from './servers.ts';
import { pin, stayAside } from './workerd.ts';

export interface RequestOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly starts: number;
}

export interface ServerMeasured {
  readonly rps: number;
  readonly p50: number;
  readonly p99: number;
  readonly memory: number;
  /** Milliseconds from the start of the process to the end of its first answer. */
  readonly cold: number;
  /** Requests per second as a share of its own no-op's: the median of the rounds, each of which compares neighbours. */
  readonly share: number;
  /** Microseconds that a request takes longer than its own no-op's, likewise. */
  readonly addedUs: number;
}

export interface RequestMeasured {
  readonly options: RequestOptions;
  readonly servers: ReadonlyMap<ServerName, ServerMeasured>;
  /** Milliseconds of the first request to a Worker that has started and been left alone. */
  readonly first: { readonly noop: number; readonly predict: number };
}

const CONNECTIONS = 16;
const ROUNDS_OF_PROCESS = 3;
/** Until V8 has optimised what is hot. */
const WARM_SECONDS = 3;
const TITLES: Record<ServerName, string> = {
  noop: 'no-op Worker',
  predict: 'Postern, GET prediction',
  node_noop: 'no-op on Node',
  node_predict: 'onnxruntime-node on Node',
  fastapi: 'FastAPI + scikit-learn',
};

const toBase = (name: ServerName): ServerName => (name.startsWith('node') ? 'node_noop' : 'noop');

export async function measureRequest(names: readonly ServerName[], options: RequestOptions): Promise<RequestMeasured> {
  const first = await measureFirst(options.starts);
  const cold = await measureCold(names, options.starts);
  const warm = await measureWarm(names, options);
  return { options, first, servers: new Map(names.map((name) => [name, { ...warm(name), cold: cold(name) }])) };
}

async function measureFirst(starts: number): Promise<RequestMeasured['first']> {
  const times = { noop: [] as number[], predict: [] as number[] };
  for (let i = 0; i < starts; i += 1) {
    for (const name of ['noop', 'predict'] as const) {
      const server = await startIdle(name);
      times[name].push(await server.ask());
      await server.stop();
    }
  }
  return { noop: median(times.noop), predict: median(times.predict) };
}

/** Time from process start to first answer: all in turn, again and again, the median of each. */
async function measureCold(names: readonly ServerName[], starts: number): Promise<(name: ServerName) => number> {
  const times = new Map<ServerName, number[]>(names.map((name) => [name, []]));
  for (let i = 0; i < starts; i += 1) {
    for (const name of names) {
      // It takes seconds, and nothing is compared with it.
      if (name === 'fastapi' && i % 5 > 0) continue;
      const server = await start(name);
      times.get(name)?.push(server.firstAnswerMs);
      await server.stop();
    }
  }
  return (name) => median(times.get(name) ?? []);
}

/** Requests per second: all run, one at a time is asked; the median of the rounds. */
async function measureWarm(
  names: readonly ServerName[],
  { rounds, seconds }: RequestOptions,
): Promise<(name: ServerName) => Omit<ServerMeasured, 'cold'>> {
  const comeBack = stayAside();
  const samples = new Map<ServerName, { rps: number; p50: number; p99: number }[]>(names.map((name) => [name, []]));
  const memory = new Map<ServerName, number>();
  // One process is some percent faster than the next of the same program, and stays so.
  for (let done = 0; done < rounds; done += ROUNDS_OF_PROCESS) {
    const servers = new Map<ServerName, Server>();
    for (const name of names) servers.set(name, await start(name, pin));
    for (const [, server] of servers) await load(server.url, WARM_SECONDS);
    for (let i = 0; i < ROUNDS_OF_PROCESS; i += 1) {
      for (const [name, server] of servers) samples.get(name)?.push(await load(server.url, seconds));
    }
    for (const [name, server] of servers) {
      memory.set(name, server.memory());
      await server.stop();
    }
  }
  comeBack();
  return (name) => {
    const own = samples.get(name) ?? [];
    const base = samples.get(toBase(name)) ?? [];
    const of = (key: 'rps' | 'p50' | 'p99') => median(own.map((sample) => sample[key]));
    const besides = (compare: (rps: number, base: number) => number) =>
      median(own.map(({ rps }, i) => compare(rps, base[i]?.rps ?? Number.NaN)));
    return {
      rps: of('rps'),
      p50: of('p50'),
      p99: of('p99'),
      memory: memory.get(name) ?? 0,
      share: besides((rps, noop) => rps / noop),
      addedUs: besides((rps, noop) => 1e6 / rps - 1e6 / noop),
    };
  };
}

async function load(url: string, duration: number): Promise<{ rps: number; p50: number; p99: number }> {
  const result = await blast({ url, connections: CONNECTIONS, duration });
  return { rps: result.requests.total / result.duration, p50: result.latency.p50, p99: result.latency.p99 };
}

export function reportRequest({ servers, first, options }: RequestMeasured): Section {
  const of = (name: ServerName): ServerMeasured => {
    const measured = servers.get(name);
    if (measured === undefined) throw new Error(`${name} was not measured`);
    return measured;
  };
  const rows = [...servers].map(([name, { rps, p50, p99, memory, cold, share, addedUs }]) => [
    TITLES[name],
    Math.round(rps).toLocaleString('en'),
    share.toFixed(2),
    name.endsWith('noop') ? '' : addedUs.toFixed(0),
    String(p50),
    String(p99),
    cold.toFixed(0),
    (cold / of(toBase(name)).cold).toFixed(1),
    memory.toFixed(0),
  ]);
  const heads = ['', 'requests/s', '× no-op', 'adds µs', 'p50 ms', 'p99 ms', 'first answer ms', '× no-op', 'memory MB'];
  const predict = of('predict');
  const node = of('node_predict');
  const coldRatio = predict.cold / of('noop').cold;
  const over = first.predict - first.noop;
  return {
    title: 'One prediction',
    table: `${toTable(heads, rows)}

First request to a Worker that has started: ${first.predict.toFixed(1)} ms, the no-op's ${first.noop.toFixed(1)} ms, ${over.toFixed(1)} ms over it.`,
    text: `The request is the tutorial's GET prediction. A no-op answers the same bytes with the same headers and does nothing
for it: the Worker's is the limit of the platform, Node's the limit of Hono on Node. *× no-op* compares with the no-op of the
same platform (FastAPI with the Worker's). *Adds* is what a prediction costs besides: 1/requests per second less that of
its own no-op. Workers run under plain \`workerd serve\`, without the proxy that \`wrangler dev\` puts in front. Requests per
second, their ratio and latencies are the median of ${options.rounds} rounds of ${options.seconds} s over ${CONNECTIONS} connections, ${ROUNDS_OF_PROCESS} to a process, the servers taking turns, on one core, each in
one thread. *First answer* is the time from the start of the process to the end of its first answer, the median of ${options.starts}
starts; *first request* is measured where the process had time to start before, as an isolate has that starts during the TLS
handshake. Memory is resident, after the load.`,
    json: {
      warm: {
        noop_rps: round(of('noop').rps),
        predict_rps: round(predict.rps),
        node_noop_rps: round(of('node_noop').rps),
        node_predict_rps: round(node.rps),
        ...(servers.has('fastapi') ? { fastapi_rps: round(of('fastapi').rps) } : {}),
        ratio: round(predict.share, 3),
        added_us: round(predict.addedUs, 1),
        node_added_us: round(node.addedUs, 1),
      },
      cold: {
        noop_ms: round(of('noop').cold),
        predict_ms: round(predict.cold),
        ratio: round(coldRatio, 2),
        first_request_noop_ms: round(first.noop, 1),
        first_request_ms: round(first.predict, 1),
        first_request_over_ms: round(over, 1),
      },
      memory_mb: Object.fromEntries([...servers].map(([name, { memory }]) => [name, round(memory)])),
    },
  };
}
