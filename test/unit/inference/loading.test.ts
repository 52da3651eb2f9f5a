import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Session } from '../../../worker/inference/runtime.ts';
import { createSessionCache, type SessionCache } from '../../../worker/inference/sessions.ts';
import { LIMITS } from '../../../worker/limits.ts';
import { createFakeEngines, type FakeEngines, type FakeOptions, toModel, toPieces } from '../../support/fake-engine.ts';

// How models come into memory: storage that breaks off, requests that are cancelled, many at the same time.
const MIB = 1024 * 1024;
const HUGE = LIMITS.MODEL_BYTES;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Lab {
  readonly engines: FakeEngines;
  readonly cache: SessionCache;
  /** How often each model's bytes were asked for. */
  readonly reads: Map<number, number>;
  /** The most bytes that were on their way at a time. */
  mostArriving(): number;
  arriving(): number;
  get(number: number, bytes: number, read?: (model: Uint8Array) => AsyncIterable<Uint8Array>): Promise<Session>;
}

async function createLab(options: FakeOptions = {}): Promise<Lab> {
  const engines = createFakeEngines(options);
  const reads = new Map<number, number>();
  const cache = createSessionCache(await engines.start(), engines.start);
  let most = 0;
  const arriving = () => engines.all.reduce((sum, engine) => sum + engine.arriving, 0);
  async function* slowly(model: Uint8Array): AsyncGenerator<Uint8Array, undefined> {
    for await (const piece of toPieces(model, 5 * MIB)) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      yield piece;
      most = Math.max(most, arriving());
    }
  }
  return {
    engines,
    cache,
    reads,
    mostArriving: () => most,
    arriving,
    get: (number, bytes, read = slowly) =>
      cache.get({ digest: `d${number}`, bytes }, () => {
        reads.set(number, (reads.get(number) ?? 0) + 1);
        return read(toModel(number, bytes));
      }),
  };
}

const answer = (session: Session): unknown => session.run([], [])[0]?.data[0];

/** Storage that gives the first part of a model and then nothing more, ever: what a cancelled request sees of it. */
async function* hang(model: Uint8Array): AsyncGenerator<Uint8Array, undefined> {
  yield model.subarray(0, MIB);
  await new Promise<never>(() => {});
}

it('fetches a model once for all requests that come meanwhile', async () => {
  const lab = await createLab();
  const asked = Array.from({ length: 50 }, () => lab.get(1, HUGE));
  await vi.advanceTimersByTimeAsync(2000);
  expect((await Promise.all(asked)).map(answer)).toEqual(new Array(50).fill(1));
  expect(lab.reads.get(1)).toBe(1);
  expect(lab.mostArriving()).toBe(HUGE);
  expect(lab.arriving()).toBe(0);
});

it('takes in the largest models one after the other, and small ones together', async () => {
  const lab = await createLab();
  const asked = [1, 2, 3].map((number) => lab.get(number, HUGE).then(answer));
  await vi.advanceTimersByTimeAsync(5000);
  expect(await Promise.all(asked)).toEqual([1, 2, 3]);
  expect(lab.mostArriving()).toBe(HUGE);

  const small = Array.from({ length: 20 }, (_, i) => lab.get(10 + i, MIB).then(answer));
  await vi.advanceTimersByTimeAsync(110);
  expect(lab.arriving()).toBe(0);
  expect((await Promise.all(small)).length).toBe(20);
});

it('leaves nothing behind of a model whose bytes break off, are too few or too many', async () => {
  const lab = await createLab();
  const breaking = async function* (model: Uint8Array): AsyncGenerator<Uint8Array, undefined> {
    yield model.subarray(0, MIB);
    throw new Error('the connection is gone');
  };
  await expect(lab.get(1, HUGE, breaking)).rejects.toThrow('the connection is gone');
  await expect(lab.get(1, HUGE, (model) => toPieces(model.subarray(1)))).rejects.toThrow();
  await expect(lab.get(1, MIB, () => toPieces(new Uint8Array(MIB + 1)))).rejects.toThrow();
  expect(lab.arriving()).toBe(0);
  // It was not the model's fault: it is tried again at once, and there is room for the largest.
  expect(answer(await lab.get(1, HUGE, toPieces))).toBe(1);
  expect(lab.engines.all.length).toBe(1);
});

it('goes on where a request that loads is cancelled', async () => {
  const lab = await createLab();
  void lab.get(1, HUGE, hang);
  await vi.advanceTimersByTimeAsync(100);
  expect(lab.arriving()).toBe(HUGE);
  const next = lab.get(1, HUGE).then(answer);
  const other = lab.get(2, HUGE).then(answer);
  await vi.advanceTimersByTimeAsync(LIMITS.LOAD_STALL_MS + 2000);
  expect(await Promise.all([next, other])).toEqual([1, 2]);
  expect(lab.mostArriving()).toBe(HUGE);
  expect(lab.arriving()).toBe(0);
});

it('does not let a request go on that was given up', async () => {
  const lab = await createLab();
  let wake = (): void => undefined;
  const late = lab.get(1, HUGE, async function* (model) {
    yield model.subarray(0, MIB);
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
    yield model.subarray(MIB);
  });
  await vi.advanceTimersByTimeAsync(LIMITS.LOAD_STALL_MS);
  const next = lab.get(1, HUGE);
  await vi.advanceTimersByTimeAsync(LIMITS.LOAD_STALL_MS + 2000);
  expect(answer(await next)).toBe(1);
  wake();
  expect(answer(await late)).toBe(1);
  expect(lab.reads.get(1)).toBe(2);
  expect(lab.engines.all[0]?.loads).toBe(1);
  expect(lab.arriving()).toBe(0);
});

it('says that it is still loading, after a while', async () => {
  const lab = await createLab();
  const endless = lab.get(1, HUGE, async function* (model) {
    for (let at = 0; at < 1000; at += 1) {
      await new Promise((resolve) => setTimeout(resolve, LIMITS.LOAD_STALL_MS / 2));
      yield model.subarray(at, at + 1);
    }
  });
  endless.catch(() => undefined);
  const waiting = expect(lab.get(1, HUGE)).rejects.toMatchObject({ code: 'model_unavailable' });
  await vi.advanceTimersByTimeAsync(LIMITS.LOAD_WAIT_MS + 1000);
  await waiting;
});

it('begins anew where the engine crashed meanwhile', async () => {
  const lab = await createLab({ crashAtRun: new Set([7]) });
  const crashing = await lab.get(7, MIB, toPieces);
  const asked = lab.get(1, HUGE);
  await vi.advanceTimersByTimeAsync(250);
  expect(() => answer(crashing)).toThrow();
  await vi.advanceTimersByTimeAsync(2000);
  expect(answer(await asked)).toBe(1);
  expect(lab.reads.get(1)).toBe(2);
  expect([...(lab.engines.all[1]?.loaded ?? [])]).toEqual([1]);
});

it('hands what it loads to be kept, and never an error with it', async () => {
  const engines = createFakeEngines({ refused: new Set([2]) });
  const kept: Promise<unknown>[] = [];
  const cache = createSessionCache(await engines.start(), engines.start, { keep: (load) => kept.push(load) });
  const get = (number: number) => cache.get({ digest: `d${number}`, bytes: MIB }, () => toPieces(toModel(number, MIB)));
  await get(1);
  await get(1);
  await expect(get(2)).rejects.toThrow();
  expect(kept.length).toBe(2);
  await Promise.all(kept);
});
