// How the demos are brought about, against an account held in memory.
import { describe, expect, it } from 'vitest';
import { ApiFailure } from '../../../worker/cli/client.ts';
import { DEMOS, type DemosApi, readDemo, seedDemos } from '../../../worker/cli/demos.ts';
import type { Model } from '../../../worker/contract.ts';

interface Kept {
  readonly id: string;
  readonly name: string;
  versions: number;
  live: number;
}

/** @param upload is asked before each upload; what it throws is answered, after `arrives` or instead of it. */
function createAccount(upload: (name: string) => void = () => undefined, arrives = false) {
  const kept: Kept[] = [];
  let made = 0;
  const find = (id: string): Kept => {
    const model = kept.find((each) => each.id === id);
    if (model === undefined) throw new ApiFailure(404, 'no such model');
    return model;
  };
  // Of a model only what is asked for.
  const show = ({ id, name }: Kept) => ({ id, name }) as Model;
  const api: DemosApi = {
    listModels: async () => kept.map(show),
    async upload(path, form) {
      const name = String(form.get('name'));
      const store = (): Kept => {
        const [, id] = /^\/v1\/models\/(.+)\/versions$/.exec(path) ?? [];
        if (id === undefined) {
          made += 1;
          kept.push({ id: `model_${made}`, name, versions: 0, live: 0 });
        }
        const model = id === undefined ? kept.at(-1) : find(id);
        if (model === undefined) throw new Error('unreachable');
        model.versions += 1;
        return model;
      };
      if (arrives) store();
      upload(name);
      return show(arrives ? find(kept.at(-1)?.id ?? '') : store());
    },
    async activate(id) {
      const model = find(id);
      model.live = model.versions;
      return `https://example.com/api/${id}`;
    },
  };
  return { api, kept };
}

describe('seedDemos', () => {
  it('imports and activates what is missing, in the order of the playground', async () => {
    const { api, kept } = createAccount();
    const { demos, failures } = await seedDemos(api, {});
    expect(demos.map(({ slug }) => slug)).toEqual([...DEMOS]);
    expect(failures).toEqual([]);
    expect(kept.map(({ live }) => live)).toEqual([1, 1, 1, 1]);
  });

  it('finds by its name what was imported before anything could be remembered', async () => {
    const { api, kept } = createAccount();
    const first = await seedDemos(api, {});
    expect(await seedDemos(api, {})).toEqual(first);
    expect(kept.length).toBe(4);
  });

  it('heals a model that was deleted, renamed or switched off', async () => {
    const { api, kept } = createAccount();
    const { imported } = await seedDemos(api, {});
    kept.splice(0, kept.length, ...kept.slice(1).map((model) => ({ ...model, live: 0 })));
    Object.assign(kept[0] ?? {}, { name: 'Renamed' });
    const healed = await seedDemos(api, imported);
    expect(healed.demos.map(({ slug }) => slug)).toEqual([...DEMOS]);
    expect(kept.map(({ versions, live }) => [versions, live])).toEqual([1, 2, 3, 4].map(() => [1, 1]));
  });

  it('leaves out the one that is refused, and says why', async () => {
    const { name } = await readDemo('rent');
    const { api } = createAccount((each) => {
      if (each === name) throw new ApiFailure(422, 'the graph is odd');
    });
    const { demos, failures, imported } = await seedDemos(api, {});
    expect(demos.map(({ slug }) => slug)).toEqual(['churn', 'visitors', 'digits']);
    expect(failures).toEqual(['The demo "rent" is left out: the graph is odd']);
    expect(imported.rent).toBeUndefined();
  });

  it('looks before it uploads again what was lost on its way, and makes no second model', async () => {
    const lost = new Set<string>();
    const { api, kept } = createAccount((name) => {
      if (lost.has(name)) return;
      lost.add(name);
      throw new ApiFailure(503, 'lost');
    }, true);
    const { demos, failures } = await seedDemos(api, {});
    expect(failures).toEqual([]);
    expect(demos.length).toBe(4);
    expect(kept.map(({ name }) => name).sort()).toEqual([...lost].sort());
  });
});
