// Faults at random: a storage that is down, silent, slow, behind or corrupt, account objects that end in the middle of
// whatever they do, and a Worker that is killed. In between all is well for some seconds.
import { count, pick, sleep, type World } from './world.ts';

const between = (random: () => number, low: number, high: number) => low + random() * (high - low);

/** KV's own bound is what the record's cacheTtl is, 30 s; some more, so that all stays within the documented minute. */
const STALE_MS = 45_000;

export async function runFaults(world: World, accounts: () => readonly string[]): Promise<void> {
  const { random, stand, counts } = world;
  const kv = async (faults: typeof stand.kv.faults, seconds: number) => {
    stand.kv.faults = faults;
    await sleep(seconds * 1000);
    stand.kv.faults = {};
  };
  const abort = async () => {
    const id = pick(random, accounts());
    if (id === undefined) return;
    world.breaks.push({ at: Date.now(), until: Date.now(), kind: 'abort' });
    await stand.abort(id);
  };
  const kill = async () => {
    const killed: World['breaks'][number] = { at: Date.now(), until: Number.POSITIVE_INFINITY, kind: 'kill' };
    world.breaks.push(killed);
    await stand.kill();
    await sleep(between(random, 0, 500));
    await stand.start();
    killed.until = Date.now();
  };
  const kinds: Readonly<Record<string, () => Promise<void>>> = {
    'KV down': () => kv({ down: true }, between(random, 1, 15)),
    'KV silent': () => kv({ silent: true }, between(random, 1, 8)),
    'KV slow': () => kv({ slowMs: between(random, 100, 3000) }, between(random, 3, 10)),
    'KV behind': () => kv({ staleMs: between(random, 2000, STALE_MS) }, between(random, 5, 20)),
    'KV behind, Worker killed': async () => {
      stand.kv.faults = { staleMs: between(random, 2000, STALE_MS) };
      await kill();
      await sleep(between(random, 2000, 10_000));
      stand.kv.faults = {};
    },
    'model corrupt, Worker killed': async () => {
      stand.kv.faults = { corrupt: pick(random, ['flip', 'cut', 'longer'] as const) };
      await kill();
      await sleep(between(random, 1000, 8000));
      stand.kv.faults = {};
    },
    'KV down, Worker killed': async () => {
      stand.kv.faults = { down: true };
      await kill();
      await sleep(between(random, 1000, 8000));
      stand.kv.faults = {};
    },
    'Worker killed': kill,
    'objects ended': async () => {
      for (let i = 0; i < 10; i += 1) {
        await abort();
        await sleep(between(random, 0, 400));
      }
    },
  };
  while (!world.isOver()) {
    await sleep(between(random, 500, 6000));
    const name = pick(random, Object.keys(kinds)) ?? '';
    count(counts.faults, name);
    await kinds[name]?.();
  }
  stand.kv.faults = {};
}
