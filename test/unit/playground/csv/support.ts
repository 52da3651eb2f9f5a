// Schemas, files and a server's answers for the tests of the CSV tab.
import { type Chunk, readChunks } from '../../../../playground/src/csv/chunks.ts';
import type { SendDeps } from '../../../../playground/src/csv/send.ts';
import type { PlaygroundError } from '../../../../playground/wire.ts';
import type { FeatureSchema, PipelineSchema } from '../../../../worker/contract.ts';

export const feature = (name: string, more: Partial<FeatureSchema> = {}): FeatureSchema => ({
  name,
  type: 'number',
  optional: false,
  ...more,
});

export const schemaOf = (more: Partial<PipelineSchema> = {}): PipelineSchema => ({
  name: 'Test',
  task: 'regression',
  version: 1,
  features: [feature('a'), feature('b')],
  label: 'y',
  classes: null,
  probability: false,
  limits: {},
  example: { query: '', json: {} },
  ...more,
});

export async function* piecesOf(text: string, size = text.length || 1): AsyncGenerator<string, undefined> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

/** Array.fromAsync, which Node 20 does not have. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export async function chunksOf(text: string, size?: number, schema = schemaOf()): Promise<Chunk[]> {
  return collect(readChunks(piecesOf(text, size), schema));
}

export async function chunkOf(text: string, schema = schemaOf()): Promise<Chunk> {
  const [chunk] = await chunksOf(text, undefined, schema);
  if (chunk === undefined) throw new Error('no chunk');
  return chunk;
}

export const errorOf = (code: PlaygroundError['code'], more: Partial<PlaygroundError> = {}): PlaygroundError => ({
  error: 'api request failure',
  code,
  message: code,
  request_id: '1f2e3d4c5b6a',
  ...more,
});

/** Rows that a body holds, its header left out. */
export const rowsOf = (body: string): string[] => body.trimEnd().split('\n').slice(1);

/** Answers each row with its first cell times ten. */
export const answer = (body: string): string =>
  `prediction\n${rowsOf(body)
    .map((row) => `${Number(row.split(',')[0]) * 10}\n`)
    .join('')}`;

/** A server that answers at once, and sleeps that are only noted. */
export function fakeDeps(post: (body: string, call: number) => string | Promise<string>) {
  const bodies: string[] = [];
  const sleeps: number[] = [];
  const deps: SendDeps = {
    async post(body, signal) {
      signal.throwIfAborted();
      bodies.push(body);
      return await post(body, bodies.length);
    },
    async sleep(milliseconds) {
      sleeps.push(milliseconds);
    },
  };
  return { deps, bodies, sleeps };
}
