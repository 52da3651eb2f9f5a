import { afterEach, expect, it, vi } from 'vitest';
import { LIMITS } from '../../../worker/limits.ts';
import { createReader, type KvReads } from '../../../worker/registry/reader.ts';
import { createRandom } from '../../support/random.ts';

// A model's bytes from storage: piece by piece, complete or not at all.
const random = createRandom(3);
const MODEL = Uint8Array.from({ length: 3 * LIMITS.PIECE_BYTES + 12_345 }, () => 256 * random());
const ask = async () => null;

function createKv(stream: (() => ReadableStream<Uint8Array> | null) | Error): KvReads {
  const get = async () => {
    if (stream instanceof Error) throw stream;
    return stream();
  };
  return { get: get as KvReads['get'] };
}

/** Bytes in pieces of any size, as a network gives them. */
function toByteStream(bytes: Uint8Array, end?: (controller: ReadableByteStreamController) => void) {
  let at = 0;
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      if (at < bytes.length) {
        const piece = bytes.slice(at, at + 1 + Math.floor(random() * 100_000));
        at += piece.length;
        controller.enqueue(piece);
      } else if (end !== undefined) end(controller);
      else {
        controller.close();
        controller.byobRequest?.respond(0);
      }
    },
  }) as ReadableStream<Uint8Array>;
}

async function readAll(kv: KvReads, bytes = MODEL.length): Promise<Uint8Array> {
  const reader = createReader(kv, new Map([['bundled', new Uint8Array([1, 2, 3])]]), Date.now, ask);
  const whole: number[] = [];
  for await (const piece of reader.readModel({ digest: 'd', bytes })) for (const byte of piece) whole.push(byte);
  return Uint8Array.from(whole);
}

afterEach(() => {
  vi.useRealTimers();
});

it('gives a model in pieces that are together what storage holds', async () => {
  expect(Buffer.compare(await readAll(createKv(() => toByteStream(MODEL))), MODEL)).toBe(0);
});

it('gives a bundled model without asking storage', async () => {
  const reader = createReader(createKv(new Error('asked')), new Map([['b', new Uint8Array([1, 2])]]), Date.now, ask);
  const pieces: Uint8Array[] = [];
  for await (const piece of reader.readModel({ digest: 'b', bytes: 2 })) pieces.push(piece);
  expect(pieces).toEqual([new Uint8Array([1, 2])]);
});

it.each([
  ['does not answer', createKv(new Error('500'))],
  ['does not have it', createKv(() => null)],
  ['gives too few bytes', createKv(() => toByteStream(MODEL.subarray(1)))],
  ['gives too many bytes', createKv(() => toByteStream(new Uint8Array(MODEL.length + 1)))],
  ['gives nothing', createKv(() => toByteStream(new Uint8Array(0)))],
  ['breaks off', createKv(() => toByteStream(MODEL.subarray(0, 100), (c) => c.error(new Error('reset'))))],
])('says model_unavailable where storage %s', async (_, kv) => {
  await expect(readAll(kv)).rejects.toMatchObject({ code: 'model_unavailable' });
});

it('waits for storage, but not for ever', async () => {
  vi.useFakeTimers();
  const silent = expect(readAll(createKv(() => toByteStream(MODEL.subarray(0, 100), () => undefined)))).rejects;
  const refused = silent.toMatchObject({ code: 'model_unavailable' });
  await vi.advanceTimersByTimeAsync(LIMITS.LOAD_STALL_MS + 1);
  await refused;
});

it('cancels a stream that is not read to its end', async () => {
  let cancelled = false;
  const stream = new ReadableStream({
    type: 'bytes',
    pull: (controller) => controller.enqueue(new Uint8Array(1000)),
    cancel() {
      cancelled = true;
    },
  }) as ReadableStream<Uint8Array>;
  const reader = createReader(
    createKv(() => stream),
    new Map(),
    Date.now,
    ask,
  );
  for await (const _ of reader.readModel({ digest: 'd', bytes: 10_000 })) break;
  expect(cancelled).toBe(true);
});
