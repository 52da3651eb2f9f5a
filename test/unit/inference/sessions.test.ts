import { describe, expect, it } from 'vitest';
import { AppError, CorruptModel } from '../../../worker/errors.ts';
import { EngineCrash, InferenceError, OutOfMemory, type Session } from '../../../worker/inference/runtime.ts';
import { createSessionCache, type SessionCache } from '../../../worker/inference/sessions.ts';
import { LIMITS } from '../../../worker/limits.ts';
import {
  createFakeEngines,
  EMPTY_BYTES,
  type FakeEngines,
  type FakeOptions,
  toModel,
  toPieces,
} from '../../support/fake-engine.ts';
import { createRandom } from '../../support/random.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const SMALL = 10 * KIB;
const HUGE = LIMITS.MODEL_BYTES;

interface Lab {
  readonly engines: FakeEngines;
  readonly cache: SessionCache;
  /** Numbers of the models whose bytes were fetched, in order. */
  readonly fetched: number[];
  get(number: number, bytes?: number): Promise<Session>;
  /** As a request does: gets the session, runs it at once, and looks at the answer. */
  ask(number: number, bytes?: number): Promise<void>;
  pass(seconds: number): void;
  isLoaded(number: number): boolean;
}

async function createLab(options: FakeOptions = {}): Promise<Lab> {
  const engines = createFakeEngines(options);
  let now = 1_000_000;
  const cache = createSessionCache(await engines.start(), engines.start, { now: () => now });
  const fetched: number[] = [];
  const get: Lab['get'] = (number, bytes = SMALL) =>
    cache.get({ digest: `d${number}`, bytes }, () => {
      fetched.push(number);
      return toPieces(toModel(number, bytes));
    });
  return {
    engines,
    cache,
    fetched,
    get,
    async ask(number, bytes) {
      expect(answer(await get(number, bytes))).toBe(number);
    },
    pass: (seconds) => {
      now += seconds * 1000;
    },
    isLoaded: (number) => cache.find(`d${number}`) !== null,
  };
}

const answer = (session: Session): unknown => session.run([], [])[0]?.data[0];

/** Loads that no one asks for again, so that the engine is old enough to be replaced. */
async function loadOthers({ ask }: Lab, count: number, first = 1000): Promise<void> {
  for (let i = 0; i < count; i += 1) await ask(first + i);
}

describe('what is kept', () => {
  it('fetches and loads a model once', async () => {
    const lab = await createLab();
    await lab.ask(1);
    await lab.ask(1);
    expect(answer(lab.cache.find('d1') as Session)).toBe(1);
    expect(lab.fetched).toEqual([1]);
    expect(lab.cache.find('d2')).toBeNull();
  });

  it('lets the least recently used go first', async () => {
    const lab = await createLab({ peak: 3, kept: 3 });
    const bytes = 5 * MIB;
    for (const number of [1, 2, 3, 4]) await lab.ask(number, bytes);
    lab.cache.find('d1');
    await lab.ask(5, bytes);
    expect([1, 2, 3, 4, 5].filter(lab.isLoaded)).toEqual([1, 3, 4, 5]);
    expect([...(lab.engines.all[0]?.loaded ?? [])]).toEqual([1, 3, 4, 5]);
  });

  it('counts the memory that a load was seen to take where that is more than the estimate', async () => {
    const lab = await createLab({ peak: 13, kept: 5 });
    await lab.ask(1, 3 * MIB);
    await lab.ask(2, 6 * MIB);
    expect([1, 2].filter(lab.isLoaded)).toEqual([2]);
  });

  it('keeps more models than they seem to need room for, as long as there is memory', async () => {
    const lab = await createLab({ peak: 3, kept: 1 });
    const bytes = MIB;
    for (let number = 0; number < 55; number += 1) await lab.ask(number, bytes);
    expect(Array.from({ length: 55 }, (_, number) => number).filter(lab.isLoaded).length).toBe(55);
    expect(lab.engines.all[0]?.memoryBytes()).toBeLessThanOrEqual(EMPTY_BYTES + LIMITS.SESSION_CACHE_BYTES);
    for (let number = 55; number < 300; number += 1) await lab.ask(number, bytes);
    expect(lab.engines.all[0]?.memoryBytes()).toBeLessThan(EMPTY_BYTES + LIMITS.SESSION_CACHE_BYTES + 8 * MIB);
    expect(lab.engines.all.length).toBe(1);
  });

  it('keeps fewer again where others need more memory than those before', async () => {
    const kept = new Map<number, number>();
    const lab = await createLab({ peak: 3, kept: 1, keptOf: kept });
    for (let number = 0; number < 55; number += 1) await lab.ask(number, MIB);
    const others = Array.from({ length: 100 }, (_, i) => 100 + i);
    for (const number of others) kept.set(number, 5);
    for (const number of others.slice(0, 50)) await lab.ask(number, MIB);
    const memory = lab.engines.all[0]?.memoryBytes();
    expect(others.filter(lab.isLoaded).length).toBeLessThanOrEqual(LIMITS.SESSION_CACHE_BYTES / (3 * MIB));
    for (const number of others.slice(50)) await lab.ask(number, MIB);
    expect(lab.engines.all[0]?.memoryBytes()).toBe(memory);
  });

  it('answers requests for one model that come at the same time', async () => {
    const lab = await createLab();
    await Promise.all([lab.ask(1), lab.ask(1), lab.ask(2)]);
    expect(lab.engines.all[0]?.loads).toBe(2);
  });

  it('does not run a session that went while its request waited', async () => {
    const lab = await createLab();
    const early = await lab.get(1, 20 * MIB);
    for (const number of [2, 3]) await lab.ask(number, 20 * MIB);
    expect(() => early.run([], [])).toThrow(AppError);
    expect(() => early.run([], [])).toThrow(expect.objectContaining({ code: 'model_unavailable' }));
    await lab.ask(1, 20 * MIB);
  });
});

describe('a huge model', () => {
  it('is served, and leaves those that were used last', async () => {
    const lab = await createLab();
    await loadOthers(lab, 150);
    await lab.ask(1, HUGE);
    await loadOthers(lab, 20, 1130);
    expect(lab.fetched.length).toBe(151);
    expect(lab.isLoaded(1)).toBe(true);
  });

  it('goes when it is the least recently used, and its memory is given back', async () => {
    const lab = await createLab();
    await lab.ask(1, HUGE);
    await loadOthers(lab, LIMITS.ENGINE_LOADS * 2);
    expect(lab.engines.all[0]?.memoryBytes()).toBeGreaterThan(LIMITS.ENGINE_BYTES);
    expect(lab.isLoaded(1)).toBe(false);
    expect(lab.engines.all.length).toBe(2);
    expect(lab.engines.all[1]?.memoryBytes()).toBeLessThan(LIMITS.ENGINE_BYTES);
  });

  it('in turn with others lets them stay, and the engine too', async () => {
    const lab = await createLab();
    for (let i = 0; i < 300; i += 1) {
      await lab.ask(1, HUGE);
      await lab.ask(2 + (i % 10));
    }
    expect(lab.fetched.length).toBe(11);
    expect(lab.engines.all.length).toBe(1);
  });

  it('in turn with another huge one costs them each other, but not the small ones that are in use', async () => {
    const lab = await createLab();
    for (let i = 0; i < 150; i += 1) {
      await lab.ask(1 + (i % 2), HUGE);
      for (let small = 3; small < 13; small += 1) await lab.ask(small);
    }
    const small = lab.fetched.filter((number) => number > 2);
    const engines = lab.engines.all.length;
    expect(engines).toBeLessThanOrEqual(1 + lab.fetched.length / LIMITS.ENGINE_LOADS);
    expect(small.length).toBe(10 * engines);
  }, 20_000);
});

describe('a new engine', () => {
  it('is not started while the models in use need the memory', async () => {
    const lab = await createLab();
    await loadOthers(lab, LIMITS.ENGINE_LOADS);
    for (let i = 0; i < 50; i += 1) {
      await lab.ask(1, HUGE);
      await lab.ask(2 + i);
    }
    expect(lab.engines.all.length).toBe(1);
  });

  it('is started by one request, while the others go on with the old one', async () => {
    const engines = createFakeEngines();
    const starts: number[] = [];
    let loads = 0;
    const cache = createSessionCache(await engines.start(), () => {
      starts.push(loads);
      // The first request is cancelled as it waits.
      return starts.length === 1 ? new Promise<never>(() => {}) : engines.start();
    });
    const ask = async (number: number, bytes = SMALL) => {
      const session = await cache.get({ digest: `d${number}`, bytes }, () => toPieces(toModel(number, bytes)));
      expect(answer(session)).toBe(number);
    };
    await ask(1, HUGE);
    let waiting = 0;
    for (let i = 0; i < 3 * LIMITS.ENGINE_LOADS; i += 1) {
      waiting += 1;
      const asked = ask(2 + i).then(() => {
        waiting -= 1;
        loads += 1;
      });
      await Promise.race([asked, new Promise((resolve) => setTimeout(resolve))]);
    }
    expect(waiting).toBe(1);
    const [first = 0, second = 0] = starts;
    expect(second - first).toBeGreaterThanOrEqual(LIMITS.ENGINE_LOADS);
    expect(starts.length).toBe(2);
    expect(engines.all.map(({ closed }) => closed)).toEqual([true, false]);
  });

  it('is not started over and over for models that take more than they seem to', async () => {
    const lab = await createLab({ peak: 17, kept: 1 });
    for (let i = 0; i < 3 * LIMITS.ENGINE_LOADS; i += 1) await lab.ask(i % 4, 6 * MIB);
    expect(lab.fetched.length).toBeGreaterThan(2 * LIMITS.ENGINE_LOADS);
    expect(lab.engines.all.length).toBeGreaterThan(1);
    expect(lab.engines.all.length).toBeLessThanOrEqual(1 + lab.fetched.length / LIMITS.ENGINE_LOADS);
  });

  it('keeps the memory of 1,000 pipelines in random order bounded', async () => {
    const lab = await createLab({ peak: 4, kept: 2.5 });
    const random = createRandom(1);
    const sizes = Array.from({ length: 1000 }, () => Math.ceil(SMALL * 400 ** random()));
    let most = 0;
    for (let i = 0; i < 5000; i += 1) {
      const number = Math.floor(random() ** 3 * sizes.length);
      await lab.ask(number, sizes[number] ?? SMALL);
      most = Math.max(most, lab.engines.all.at(-1)?.memoryBytes() ?? 0);
    }
    expect(most).toBeLessThan(EMPTY_BYTES + LIMITS.SESSION_CACHE_BYTES + 16 * MIB);
    expect(lab.engines.all.length).toBeLessThanOrEqual(1 + lab.fetched.length / LIMITS.ENGINE_LOADS);
  });
});

describe('a model whose bytes in storage are wrong', () => {
  it.each([0, SMALL])(
    'rests after %i bytes, costs the others nothing, and is taken when they are right',
    async (bytes) => {
      const { cache, get, pass } = await createLab();
      await get(1);
      let reads = 0;
      const corrupt = () =>
        cache.get({ digest: 'd2', bytes: SMALL }, async function* () {
          reads += 1;
          if (bytes > 0) yield new Uint8Array(bytes);
          throw new AppError('model_unavailable', 'other bytes', { cause: new CorruptModel() });
        });
      for (let i = 0; i < 3; i += 1) await expect(corrupt()).rejects.toMatchObject({ code: 'model_unavailable' });
      expect(reads).toBe(1);
      expect(cache.find('d1')).not.toBeNull();
      pass(LIMITS.UNAVAILABLE_RETRY_SECONDS);
      expect(answer(await get(2))).toBe(2);
    },
  );
});

describe('a load that fails', () => {
  it('for want of memory is tried again in an engine of its own', async () => {
    const lab = await createLab({ room: EMPTY_BYTES + 105 * MIB, kept: 3 });
    for (const number of [1, 2, 3]) await lab.ask(number, MIB);
    await lab.ask(4, HUGE);
    expect(lab.engines.all.length).toBe(2);
    expect([...(lab.engines.all[1]?.loaded ?? [])]).toEqual([4]);
    await lab.ask(1);
  });

  it('there as well is told, and not tried again at once', async () => {
    const lab = await createLab({ room: EMPTY_BYTES + 50 * MIB });
    await lab.ask(1);
    await expect(lab.ask(2, HUGE)).rejects.toThrow(OutOfMemory);
    expect(lab.engines.all.map(({ loads }) => loads)).toEqual([2, 1]);

    await lab.ask(1);
    await lab.ask(3);
    await expect(lab.ask(2, HUGE)).rejects.toThrow(OutOfMemory);
    expect([1, 3].filter(lab.isLoaded)).toEqual([1, 3]);
    // Once for each of the two engines.
    expect(lab.fetched.filter((number) => number === 2).length).toBe(2);

    lab.pass(LIMITS.UNAVAILABLE_RETRY_SECONDS);
    await expect(lab.ask(2, HUGE)).rejects.toThrow(OutOfMemory);
    expect(lab.fetched.filter((number) => number === 2).length).toBeGreaterThan(2);
  });

  it('in an empty engine is not tried twice', async () => {
    const lab = await createLab({ room: EMPTY_BYTES + 50 * MIB });
    await expect(lab.ask(1, HUGE)).rejects.toThrow(OutOfMemory);
    expect(lab.engines.all.map(({ loads }) => loads)).toEqual([1]);
    await lab.ask(2);
  });

  it('because the engine refuses the model costs the others nothing more', async () => {
    const lab = await createLab({ refused: new Set([1]) });
    await lab.ask(2);
    await expect(lab.ask(1)).rejects.toThrow(InferenceError);
    await expect(lab.ask(1)).rejects.toThrow(InferenceError);
    expect(lab.engines.all.map(({ loads }) => loads)).toEqual([2]);
    expect(lab.isLoaded(2)).toBe(true);
  });

  it('because its bytes cannot be read is tried again at once', async () => {
    const lab = await createLab();
    const fail = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.reject(new Error('no bytes'));
    };
    await expect(lab.cache.get({ digest: 'd1', bytes: SMALL }, fail)).rejects.toThrow('no bytes');
    await lab.ask(1);
  });
});

describe('a crash', () => {
  it('as a model is loaded takes the engine, and the model rests', async () => {
    const crashAtLoad = new Set([1]);
    const lab = await createLab({ crashAtLoad });
    await lab.ask(2);
    await Promise.allSettled([lab.ask(1), lab.ask(1), lab.ask(1)]);
    const crashes = lab.engines.all.length;
    await expect(lab.ask(1)).rejects.toThrow(EngineCrash);
    await lab.ask(2);
    await lab.ask(3);
    await expect(lab.ask(1)).rejects.toThrow(EngineCrash);
    expect([2, 3].filter(lab.isLoaded)).toEqual([2, 3]);
    expect(lab.engines.all.length).toBeLessThanOrEqual(crashes + 1);

    crashAtLoad.clear();
    lab.pass(LIMITS.UNAVAILABLE_RETRY_SECONDS);
    await lab.ask(1);
  });

  it('as a model is run takes the engine, and no session of it is run again', async () => {
    const lab = await createLab({ crashAtRun: new Set([1]) });
    const [first, second] = [await lab.get(1), await lab.get(2)];
    expect(() => answer(first)).toThrow(EngineCrash);
    expect(() => answer(second)).toThrow(expect.objectContaining({ code: 'model_unavailable' }));
    await expect(lab.ask(1)).rejects.toThrow(EngineCrash);
    await lab.ask(2);
    expect(lab.engines.all.length).toBe(2);
  });

  it('is made good by the first request that has a new engine', async () => {
    const engines = createFakeEngines({ crashAtRun: new Set([1]) });
    let slow = 0;
    const cache = createSessionCache(await engines.start(), async () => {
      slow += 1;
      for (let i = 1; i < slow; i += 1) await new Promise((resolve) => setTimeout(resolve));
      return engines.start();
    });
    const get = (number: number) =>
      cache.get({ digest: `d${number}`, bytes: SMALL }, () => toPieces(toModel(number, SMALL)));
    const crashing = await get(1);
    expect(() => answer(crashing)).toThrow(EngineCrash);
    expect((await Promise.all([get(2), get(3)])).map(answer)).toEqual([2, 3]);
    expect([2, 3].filter((number) => cache.find(`d${number}`) !== null)).toEqual([2, 3]);
  });

  it('of an engine that was replaced leaves the new one alone', async () => {
    const lab = await createLab({ crashAtRun: new Set([1]) });
    await lab.ask(2, HUGE);
    const early = await lab.get(1);
    for (let i = 3; lab.engines.all.length === 1 && i < 3 * LIMITS.ENGINE_LOADS; i += 1) {
      await lab.get(1);
      await lab.ask(i);
    }
    await lab.ask(3);
    expect(() => answer(early)).toThrow(EngineCrash);
    expect(lab.isLoaded(3)).toBe(true);
    expect(lab.engines.all.length).toBe(2);
  });
});
