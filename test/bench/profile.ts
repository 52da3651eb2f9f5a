// Where the Worker's time goes: CPU profiles of the built Worker under load, by the rooms of its source.
import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { join } from 'node:path';
import { BUILD } from '../support/build.ts';
import { QUERY } from './answer.ts';
import { blast } from './blast.ts';
import { startKv } from './kv.ts';
import { toTable } from './numbers.ts';
import { round, type Section } from './section.ts';
import { FORMATS, getSubjects, post, toBody } from './subjects.ts';
import { startProbed, stayAside, type Workerd } from './workerd.ts';

/** In the order of the table. */
const PARTS = ['engine', 'reading', 'images', 'printing', 'other code', 'garbage', 'platform'] as const;
type Part = (typeof PARTS)[number];

export interface ProfileMeasured {
  readonly name: string;
  /** Of the time in which the isolate was not idle. */
  readonly shares: ReadonlyMap<Part, number>;
}

/** Folders of the source; what they call of the platform and of WebAssembly is theirs. */
const ROOMS: readonly (readonly [RegExp, Part])[] = [
  [/worker\/inference\/|onnxruntime-web/, 'engine'],
  [/worker\/(?:decode|pipeline)\//, 'reading'],
  [/worker\/image\/|jsquash/, 'images'],
  [/worker\/encode\//, 'printing'],
];
const INTERVAL_US = 200;
const CONNECTIONS = 16;

export interface ProfileOptions {
  /** Milliseconds of load for each. */
  readonly ms: number;
  /** As in batches. */
  readonly rows: number;
  readonly images: number;
}

/** Needs the built Worker. */
export async function measureProfiles({ ms, rows, images }: ProfileOptions): Promise<ProfileMeasured[]> {
  const comeBack = stayAside();
  const kv = await startKv();
  const worker = await startProbed(kv.port);
  const toPart = createRooms();
  const measured: ProfileMeasured[] = [];
  const add = async (name: string, load: () => Promise<unknown>): Promise<void> => {
    const work = async (): Promise<void> => {
      for (const end = performance.now() + ms; performance.now() < end; ) await load();
    };
    await work();
    measured.push({ name, shares: await profile(worker, work, toPart) });
  };
  try {
    for (const [index, { name, model, manifest, samples }] of getSubjects().entries()) {
      const url = worker.origin + (await kv.publish(manifest, model));
      if (index === 0)
        await add('the tutorial, GET', () =>
          blast({ url: `${url}?${QUERY}`, connections: CONNECTIONS, duration: ms / 1000 }),
        );
      const isImage = manifest.features.some(({ type }) => type === 'image');
      for (const format of FORMATS) {
        const { body } = toBody(format, samples, isImage ? images : rows);
        await add(`${name}, ${format}`, () => post(url, format, body));
      }
    }
    return measured;
  } finally {
    await worker.stop();
    kv.close();
    comeBack();
  }
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: CallFrame;
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** Microseconds. */
  readonly timeDeltas: readonly number[];
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** @param toPart null: it belongs to whoever called it. */
async function profile(
  worker: Workerd,
  work: () => Promise<void>,
  toPart: (frame: CallFrame) => Part | null,
): Promise<Map<Part, number>> {
  const inspector = await worker.inspect();
  await inspector.call('Profiler.enable');
  await inspector.call('Profiler.setSamplingInterval', { interval: INTERVAL_US });
  await inspector.call('Profiler.start');
  await work();
  const { profile } = await inspector.call<{ profile: CpuProfile }>('Profiler.stop');
  inspector.close();
  const parts = new Map<number, Part>();
  for (const { id, callFrame, children = [] } of profile.nodes) {
    // Callers come before whom they call.
    const part = toPart(callFrame) ?? parts.get(id) ?? 'platform';
    parts.set(id, part);
    for (const child of children) parts.set(child, part);
  }
  const idle = new Set(profile.nodes.flatMap(({ id, callFrame }) => (callFrame.functionName === '(idle)' ? [id] : [])));
  const times = new Map<Part, number>();
  let total = 0;
  for (const [index, id] of profile.samples.entries()) {
    if (idle.has(id)) continue;
    const us = profile.timeDeltas[index] ?? 0;
    const part = parts.get(id) ?? 'platform';
    times.set(part, (times.get(part) ?? 0) + us);
    total += us;
  }
  return new Map(PARTS.map((part) => [part, (times.get(part) ?? 0) / total]));
}

function createRooms(): (frame: CallFrame) => Part | null {
  const map = new SourceMap(JSON.parse(readFileSync(join(BUILD, 'index.js.map'), 'utf8')) as SourceMapPayload);
  return ({ functionName, url, lineNumber, columnNumber }) => {
    if (functionName === '(garbage collector)') return 'garbage';
    if (functionName === '(program)') return 'platform';
    if (!url.endsWith('index.js')) return null;
    const entry = map.findEntry(lineNumber, columnNumber);
    const source = 'originalSource' in entry ? entry.originalSource : '';
    return ROOMS.find(([folder]) => folder.test(source))?.[1] ?? 'other code';
  };
}

export function reportProfiles(measured: readonly ProfileMeasured[]): Section {
  const percent = (share = 0): string => (share < 0.005 ? '' : `${Math.round(share * 100)} %`);
  return {
    title: 'Where the time goes',
    table: toTable(
      ['', ...PARTS],
      measured.map(({ name, shares }) => [name, ...PARTS.map((part) => percent(shares.get(part)))]),
    ),
    text: `CPU profiles of the Worker under load, by the rooms of its source; what a room calls of the platform is its own. *Engine*: ONNX
Runtime and what carries tensors to it. *Reading*: bodies and query strings, streams included. *Printing*: answers. *Other code*:
routes, headers, the Response, switches and counts. *Platform*: what workerd does outside of JavaScript, connections above all.`,
    json: {
      profile: Object.fromEntries(
        measured.map(({ name, shares }) => [
          name,
          Object.fromEntries(PARTS.map((part) => [part, round(shares.get(part) ?? 0, 3)])),
        ]),
      ),
    },
  };
}
