// The Worker on one core under a steady load, and under three times what it can answer: what is refused, how much memory
// it takes, and how soon all is well again.
import { LIMITS } from '../../worker/limits.ts';
import { QUERY } from './answer.ts';
import { blast } from './blast.ts';
import { startKv } from './kv.ts';
import { toTable } from './numbers.ts';
import { type OpenLoopResult, runOpenLoop, toRequest } from './open-loop.ts';
import { round, type Section } from './section.ts';
import { publishTutorial } from './tutorial.ts';
import { type Memory, startProbed, stayAside, type Workerd } from './workerd.ts';

export interface LoadMeasured {
  readonly steady: OpenLoopResult;
  /** Three times what one core answers, and three times what an isolate may hold in memory. */
  readonly overloads: readonly Overload[];
}

export interface Overload {
  readonly name: string;
  /** Requests per second that the Worker answers, and that it has room for. */
  readonly capacity: number;
  readonly room: number;
  readonly result: OpenLoopResult;
  readonly before: Memory;
  readonly after: Memory;
  /** Resident memory of the process in MB, before and at the most. */
  readonly residentBefore: number;
  readonly residentMost: number;
  /** The same at a third of the capacity, right after. */
  readonly recovery: OpenLoopResult;
}

const CONNECTIONS = 64;
const PER_SECOND = 1000;
/** As many as want something at a time in an overload. */
const CROWD = 1024;
/** 288 KB of JSON on a slow line: the second half comes later. */
const ROWS = 4000;
const PAUSE_MS = 4000;
const OVER = 3;

/** A kind of request: what it is called, and as it goes over the wire. */
interface Kind {
  readonly name: string;
  readonly path: string;
  readonly body?: string;
  readonly pauseMs: number;
}

export async function measureLoad(steadySeconds: number, overloadSeconds: number): Promise<LoadMeasured> {
  const comeBack = stayAside();
  const kv = await startKv();
  const path = await publishTutorial(kv);
  const row = { sepalLength: 5.1, sepalWidth: 3.5, petalLength: 1.4, petalWidth: 0.2 };
  const get: Kind = { name: 'one row', path: `${path}?${QUERY}`, pauseMs: 0 };
  const post: Kind = {
    name: `${ROWS.toLocaleString('en')} rows on a slow line`,
    path,
    body: JSON.stringify(new Array(ROWS).fill(row)),
    pauseMs: PAUSE_MS,
  };
  const worker = await startProbed(kv.port);
  await measureCapacity(worker, get, 1);
  const steady = await runOpenLoop({
    port: worker.port,
    connections: CONNECTIONS,
    perSecond: PER_SECOND,
    seconds: steadySeconds,
    next: () => toWire(get),
  });
  await worker.stop();
  const overloads = [await overload(kv.port, get, overloadSeconds), await overload(kv.port, post, overloadSeconds)];
  kv.close();
  comeBack();
  return { steady, overloads };
}

async function overload(kvPort: number, kind: Kind, seconds: number): Promise<Overload> {
  const worker = await startProbed(kvPort);
  await measureCapacity(worker, kind, 1);
  const capacity = await measureCapacity(worker, kind, 2);
  const { pauseMs, body } = kind;
  const room = body === undefined ? Number.POSITIVE_INFINITY : LIMITS.HELD_BYTES / body.length / (pauseMs / 1000);
  const before = await worker.memory(true);
  const residentBefore = worker.resident();
  let residentMost = residentBefore;
  const timer = setInterval(() => {
    residentMost = Math.max(residentMost, worker.resident());
  }, 250);
  const wire = toWire(kind);
  const loop = { port: worker.port, next: () => wire };
  const perSecond = OVER * Math.min(capacity, room);
  const result = await runOpenLoop({ ...loop, pauseMs, connections: CROWD, perSecond, seconds });
  clearInterval(timer);
  const recovery = await runOpenLoop({ ...loop, connections: CONNECTIONS, perSecond: capacity / 3, seconds: 2 });
  const after = await worker.memory(true);
  await worker.stop();
  return { name: kind.name, capacity, room, result, before, after, residentBefore, residentMost, recovery };
}

/** Requests per second that are answered as fast as 16 connections go. */
async function measureCapacity({ origin }: Workerd, { path, body }: Kind, duration: number): Promise<number> {
  const post =
    body === undefined ? {} : { method: 'POST' as const, body, headers: { 'Content-Type': 'application/json' } };
  const result = await blast({ url: origin + path, ...post, connections: 16, duration });
  return result['2xx'] / result.duration;
}

const toWire = ({ path, body }: Kind): string =>
  body === undefined ? toRequest('GET', path) : toRequest('POST', path, body);

export function reportLoad({ steady, overloads }: LoadMeasured): Section {
  const count = (value: number): string => Math.round(value).toLocaleString('en');
  const row = (name: string, result: OpenLoopResult): string[] => {
    const { perSecond, statuses, errors, unanswered, impatient, p50, p99, max } = result;
    return [
      name,
      count(perSecond),
      count(statuses[200] ?? 0),
      count(statuses[503] ?? 0),
      String(errors + unanswered),
      count(impatient),
      ...[p50, p99, max].map((ms) => count(ms)),
    ];
  };
  const rates = toTable(
    ['', 'sent/s', '200', '503', 'errors', 'given up', 'p50 ms', 'p99 ms', 'most ms'],
    [
      row('steady', steady),
      ...overloads.flatMap(({ name, result, recovery }) => [
        row(`${OVER} × ${name}`, result),
        row('right after it', recovery),
      ]),
    ],
  );
  const memories = toTable(
    ['', 'can be answered/s', 'there is room for/s', 'engine MB', 'JavaScript MB', 'resident MB before', 'at the most'],
    overloads.map(({ name, capacity, room, after, before, residentBefore, residentMost }) => [
      `${OVER} × ${name}`,
      count(capacity),
      Number.isFinite(room) ? count(room) : '',
      `${before.wasm.toFixed(0)} → ${after.wasm.toFixed(0)}`,
      `${before.js.toFixed(0)} → ${after.js.toFixed(0)}`,
      residentBefore.toFixed(0),
      residentMost.toFixed(0),
    ]),
  );
  const toJson = ({
    perSecond,
    due,
    statuses,
    errors,
    unanswered,
    refusalsWithoutRetry,
    p50,
    p99,
  }: OpenLoopResult) => ({
    per_second: round(perSecond),
    requests: due,
    ok: statuses[200] ?? 0,
    refused: statuses[503] ?? 0,
    refused_without_retry_after: refusalsWithoutRetry,
    errors: errors + unanswered,
    p50_ms: round(p50, 1),
    p99_ms: round(p99, 1),
  });
  return {
    title: 'Load and overload',
    table: `${rates}\n\n${memories}`,
    text: `The Worker on one core, the callers on the other. Requests are sent when they are due, whether or not the answers keep up,
and a latency begins when its request was due. *Steady*: ${count(PER_SECOND)} a second over ${CONNECTIONS} connections. Overload is ${OVER} times what
the Worker can do, by up to ${count(CROWD)} callers at a time, of whom one who finds no connection within a second gives up:
of small requests ${OVER} times what a core answers; of large ones on slow lines (${ROWS.toLocaleString('en')} rows of JSON, the second half ${PAUSE_MS / 1000} s
after the first) ${OVER} times what may be held in memory (\`HELD_BYTES\`). *503* are refusals with \`Retry-After\`, *errors* broken
connections and requests without an answer. *Right after it*: a third of what can be answered, from the moment at which the overload
ends. JavaScript memory is what is left after a collection; resident memory is the whole process.

Small requests are never refused: they are answered in the turn in which the platform hands them over, so that the
Worker never sees more than one, and the queue stands in the sockets, where it takes none of the isolate's memory.`,
    json: {
      load: {
        steady: toJson(steady),
        overload: overloads.map(({ name, result, recovery, before, after, residentBefore, residentMost }) => ({
          name,
          ...toJson(result),
          js_mb: [round(before.js), round(after.js)],
          resident_mb: [round(residentBefore), round(residentMost)],
          recovery: toJson(recovery),
        })),
      },
    },
  };
}
