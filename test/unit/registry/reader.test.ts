import { createHash as createNodeHash } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LIMITS } from '../../../worker/limits.ts';
import type { CreateHash } from '../../../worker/registry/hash.ts';
import { createReader, type KvReads } from '../../../worker/registry/reader.ts';
import { createSecret } from '../../../worker/registry/secret.ts';
import { createRandom } from '../../support/random.ts';

// A model's bytes from storage: piece by piece, complete or not at all.
const random = createRandom(3);
const MODEL = Uint8Array.from({ length: 3 * LIMITS.PIECE_BYTES + 12_345 }, () => 256 * random());
const ask = async () => null;
const toSha256 = (bytes: Uint8Array) => createNodeHash('sha256').update(bytes).digest('hex');

/** The platform's is workerd's alone; test/http runs it. */
const createHash: CreateHash = () => {
  const hash = createNodeHash('sha256');
  return {
    async write(piece) {
      hash.update(piece);
    },
    end: async () => hash.digest('hex'),
  };
};

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
  const reader = createReader(kv, new Map([['bundled', new Uint8Array([1, 2, 3])]]), Date.now, ask, createHash);
  const whole: number[] = [];
  for await (const piece of reader.readModel({ digest: toSha256(MODEL), bytes }))
    for (const byte of piece) whole.push(byte);
  return Uint8Array.from(whole);
}

afterEach(() => {
  vi.useRealTimers();
});

it('gives a model in pieces that are together what storage holds', async () => {
  expect(Buffer.compare(await readAll(createKv(() => toByteStream(MODEL))), MODEL)).toBe(0);
});

it('gives a bundled model without asking storage', async () => {
  const bundled = new Map([['b', new Uint8Array([1, 2])]]);
  const reader = createReader(createKv(new Error('asked')), bundled, Date.now, ask, createHash);
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

it.each([
  ['of the same length', Uint8Array.from(MODEL, (byte, i) => (i === 500_000 ? byte ^ 1 : byte))],
  ['that are fewer', MODEL.subarray(1)],
  ['that are more', new Uint8Array(MODEL.length + 1)],
])('says of other bytes %s that they are not the model', async (_, bytes) => {
  const refused = readAll(createKv(() => toByteStream(bytes)));
  await expect(refused).rejects.toMatchObject({
    code: 'model_unavailable',
    details: { cause: { name: 'CorruptModel' } },
  });
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
    createHash,
  );
  for await (const _ of reader.readModel({ digest: 'd', bytes: 10_000 })) break;
  expect(cancelled).toBe(true);
});

describe('a pipeline that is remembered', () => {
  const secret = createSecret((bytes) => crypto.getRandomValues(bytes));
  const record = { v: 1, state: 'active', account_id: 'account_a', model_id: 'model_a', version: 1 };

  function createLab() {
    let now = 1_000_000;
    let waiting: ((record: object | null) => void)[] = [];
    let failing = false;
    let asked = 0;
    /** What storage answers at once; undefined: it waits to be told. */
    let served: object | null | undefined;
    /** What the account object says; undefined: nothing. */
    let truth: object | null | undefined;
    const get = () => {
      if (failing) return Promise.reject(new Error('500'));
      if (served !== undefined) return Promise.resolve(structuredClone(served));
      return new Promise((resolve) => waiting.push(resolve as () => void));
    };
    const askObject = async () => {
      asked += 1;
      if (truth === undefined) throw new Error('reset');
      return structuredClone(truth) as never;
    };
    const reader = createReader({ get: get as KvReads['get'] }, new Map(), () => now, askObject, createHash);
    const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
    return {
      reader,
      pass: (seconds: number) => {
        now += seconds * 1000;
      },
      fail: () => {
        failing = true;
      },
      serve: (value: object | null) => {
        served = value;
      },
      say: (said: object | null | undefined) => {
        truth = said;
      },
      asked: () => asked,
      /** Answers what storage was asked. @returns how often it was. */
      async answer(with_: object | null = record) {
        while (waiting.length === 0) await settle();
        const asked = waiting.length;
        for (const resolve of waiting) resolve(structuredClone(with_));
        waiting = [];
        await settle();
        return asked;
      },
    };
  }

  async function remember(lab: ReturnType<typeof createLab>) {
    const first = lab.reader.getPipeline(secret);
    await lab.answer();
    return first;
  }

  it('is read anew by one request before its time is over, while the others go on', async () => {
    const lab = createLab();
    const first = await remember(lab);
    lab.pass(LIMITS.PIPELINE_RENEW_SECONDS - 1);
    expect(lab.reader.findPipeline(secret)).toBe(first);
    lab.pass(1);
    expect(lab.reader.findPipeline(secret)).toBeNull();
    const renewing = lab.reader.getPipeline(secret);
    for (let i = 0; i < 10; i += 1) expect(lab.reader.findPipeline(secret)).toBe(first);
    expect(await lab.answer()).toBe(1);
    expect(await renewing).toBe(first);
    lab.pass(LIMITS.PIPELINE_RENEW_SECONDS - 1);
    expect(lab.reader.findPipeline(secret)).toBe(first);
  });

  it('is not remembered longer because the request that read it anew went away', async () => {
    const lab = createLab();
    await remember(lab);
    lab.pass(LIMITS.PIPELINE_RENEW_SECONDS);
    lab.reader.getPipeline(secret).catch(() => undefined);
    lab.pass(LIMITS.PIPELINE_CACHE_SECONDS - LIMITS.PIPELINE_RENEW_SECONDS);
    expect(lab.reader.findPipeline(secret)).toBeNull();
  });

  it('is answered to its end where storage and its account fail, and no longer', async () => {
    const lab = createLab();
    const first = await remember(lab);
    lab.fail();
    lab.pass(LIMITS.PIPELINE_RENEW_SECONDS);
    expect(await lab.reader.getPipeline(secret)).toBe(first);
    lab.pass(LIMITS.PIPELINE_CACHE_SECONDS - LIMITS.PIPELINE_RENEW_SECONDS);
    await expect(lab.reader.getPipeline(secret)).rejects.toMatchObject({ code: 'model_unavailable' });
  });

  it('goes on through an outage of storage for as long as its account says so', async () => {
    const lab = createLab();
    const first = await remember(lab);
    lab.fail();
    lab.say(record);
    for (let minutes = 0; minutes < 10; minutes += 1) {
      lab.pass(60);
      expect(await lab.reader.getPipeline(secret)).toBe(first);
      expect(lab.reader.findPipeline(secret)).toBe(first);
    }
    expect(lab.asked()).toBe(10);
    lab.pass(60);
    lab.say({ ...record, state: 'inactive' });
    await expect(lab.reader.getPipeline(secret)).rejects.toMatchObject({ code: 'pipeline_inactive' });
    lab.say(null);
    lab.pass(60);
    await expect(lab.reader.getPipeline(secret)).rejects.toMatchObject({ code: 'pipeline_not_found' });
  });

  it('is asked of its account where storage is silent, before its time is over', async () => {
    const lab = createLab();
    const first = await remember(lab);
    lab.say({ ...record, version: 2 });
    lab.pass(LIMITS.PIPELINE_RENEW_SECONDS);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const renewing = lab.reader.getPipeline(secret);
    expect(LIMITS.RENEW_WAIT_MS).toBeLessThan((LIMITS.PIPELINE_CACHE_SECONDS - LIMITS.PIPELINE_RENEW_SECONDS) * 1000);
    expect(lab.reader.findPipeline(secret)).toBe(first);
    while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(LIMITS.RENEW_WAIT_MS);
    expect(await renewing).toMatchObject({ version: 2 });
  });

  it.each([
    ['deactivation', { ...record, state: 'inactive' }, 'pipeline_inactive'],
    ['rotation', null, 'pipeline_not_found'],
  ])('does not come back after a %s, however long storage is behind', async (_, truth, code) => {
    const lab = createLab();
    await remember(lab);
    lab.say(truth);
    lab.serve(record);
    lab.reader.forget(secret, 'account_a');
    for (let i = 0; i < 20; i += 1) {
      await expect(lab.reader.getPipeline(secret)).rejects.toMatchObject({ code });
      lab.pass(LIMITS.DOUBT_SECONDS / 4);
    }
    // Its account does not answer, and storage is not to be believed yet.
    lab.pass(LIMITS.DOUBT_SECONDS);
    lab.say(undefined);
    await expect(lab.reader.getPipeline(secret)).rejects.toMatchObject({ code: 'model_unavailable' });
    // Storage agrees at last: from then on it is believed.
    lab.say(truth);
    lab.serve(truth);
    await expect(lab.reader.getPipeline(secret)).rejects.toMatchObject({ code });
    const before = lab.asked();
    lab.serve(record);
    expect(await lab.reader.getPipeline(secret)).toMatchObject({ state: 'active' });
    expect(lab.asked()).toBe(before);
  });

  it('that is switched off is gone for all as soon as one has read so', async () => {
    const lab = createLab();
    await remember(lab);
    lab.pass(LIMITS.PIPELINE_RENEW_SECONDS);
    const renewing = expect(lab.reader.getPipeline(secret)).rejects.toMatchObject({ code: 'pipeline_not_found' });
    await lab.answer(null);
    await renewing;
    expect(lab.reader.findPipeline(secret)).toBeNull();
  });
});
