// An owner of models: one operation after the other, at random. What was acknowledged must be seen ever after; where no
// answer came, the account must be as before or as if it had come.
import type { Model } from '../../worker/contract.ts';
import { PLANS } from '../../worker/limits.ts';
import { toDigest } from '../../worker/registry/secret.ts';
import { type Answered, callApi, createOwner, toForm } from '../support/owner.ts';
import { begin, createHistory, endAt, GONE, type History, OFF, settle, type Truth } from './history.ts';
import { MOST_VERSIONS, toShiftModel } from './models.ts';
import { attempt, count, pick, sleep, type World } from './world.ts';

interface Owned {
  readonly id: string;
  name: string;
  /** Numbers of the models, version 1 first. */
  readonly numbers: number[];
  /** What is live; null: it is off. */
  version: number | null;
  cap: number;
  current: History | null;
  old: { readonly history: History; readonly until: number; readonly rotatedAt: number } | null;
}

export interface SoakOwner {
  accountId(): string;
  run(): Promise<void>;
  /** Asks for all that was acknowledged. */
  check(): Promise<void>;
  readonly models: ReadonlyMap<string, Owned>;
  call<T>(method: string, path: string, body?: object | FormData): Promise<Answered<T>>;
}

const MOST_MODELS = 6;
const GRACE_SECONDS = 10;
const DEPLOY_MS = 150_000;
const LOOK_MS = 60_000;

let numbers = 0;

export async function createSoakOwner(world: World, plan: 'trial' | 'standard'): Promise<SoakOwner> {
  const { stand, random, counts } = world;
  const models = new Map<string, Owned>();
  let token = '';
  let accountId = '';
  let renames = 0;

  async function signUp(): Promise<void> {
    ({ token } = await createOwner(stand, plan));
    world.secrets[`token ${Object.keys(world.secrets).length}`] = token;
    accountId = (await call<{ id: string }>('GET', '/v1/account')).body.id;
  }

  function call<T>(method: string, path: string, body?: object | FormData): Promise<Answered<T>> {
    return callApi<T>(stand, token, method, path, body);
  }

  /** Asks until there is an answer. */
  async function look<T>(path: string): Promise<Answered<T>> {
    for (const end = Date.now() + LOOK_MS; ; await sleep(200)) {
      const answered = await attempt(world, `GET ${path.split('/')[2]}`, () => call<T>('GET', path));
      if (answered !== null) return answered;
      if (Date.now() > end) throw new Error('The account does not come back.');
    }
  }

  const lookAt = async ({ id }: Owned): Promise<Model | null> => {
    const { status, body } = await look<Model>(`/v1/models/${id}`);
    return status === 200 ? body : null;
  };

  async function historyOf(owned: Owned, secret: string): Promise<History> {
    const known = world.histories.get(secret);
    if (known !== undefined) return known;
    const history = createHistory(secret, `pipeline:${await toDigest(secret)}`, Date.now());
    world.histories.set(secret, history);
    world.modelOf.set(secret, owned.id);
    world.secrets[`secret ${world.histories.size}`] = secret;
    return history;
  }

  const truthOf = ({ numbers: all }: Owned, version: number): Truth => ({
    kind: 'version',
    number: all[version - 1] ?? -1,
    version,
  });

  /** What callers of its secrets see from now on. */
  function settleAll(owned: Owned, truth: Truth, sentAt: number): void {
    const at = Date.now();
    if (owned.current !== null) settle(owned.current, truth, sentAt, at);
    if (owned.old === null) return;
    if (owned.old.until > at) {
      settle(owned.old.history, truth, sentAt, at);
      endAt(owned.old.history, owned.old.until, owned.old.rotatedAt);
    } else owned.old = null;
  }

  function beginAll(owned: Owned, truth: Truth, sentAt: number): void {
    if (owned.current !== null) begin(owned.current, truth, sentAt);
    if (owned.old === null || owned.old.until <= sentAt) return;
    begin(owned.old.history, truth, sentAt);
    endAt(owned.old.history, owned.old.until, owned.old.rotatedAt);
  }

  /**
   * Waits for the end of a deployment, and holds the model against what was acknowledged.
   * @returns why the version that was wished for is not live, if the owner is told so.
   */
  async function follow(owned: Owned, sentAt: number): Promise<string | null> {
    let shown: Model | null = null;
    for (const end = Date.now() + DEPLOY_MS; ; await sleep(100)) {
      shown = await lookAt(owned);
      if (shown === null) {
        world.find('a model that was acknowledged is not there');
        return null;
      }
      const { status, candidate, url } = shown.pipeline;
      if (status !== 'deploying' && candidate === undefined && (status !== 'active' || url !== undefined)) break;
      if (Date.now() > end) {
        world.find(`still ${JSON.stringify(shown.pipeline.reason)} after ${DEPLOY_MS} ms`);
        return null;
      }
    }
    const { status, version, url } = shown.pipeline;
    if (status === 'active' && url !== undefined && version !== null) {
      const history = await historyOf(owned, new URL(url).pathname.slice('/api/'.length));
      owned.current = history;
      owned.version = version;
      settleAll(owned, truthOf(owned, version), sentAt);
    } else {
      owned.version = null;
      settleAll(owned, OFF, sentAt);
    }
    return shown.pipeline.reason ?? null;
  }

  async function hold(owned: Owned): Promise<void> {
    const shown = await lookAt(owned);
    const seen = shown && {
      name: shown.name,
      versions: shown.versions.length,
      version: shown.pipeline.status === 'active' ? shown.pipeline.version : null,
      cap: shown.pipeline.daily_cap,
    };
    const { name, version, cap } = owned;
    const told = { name, versions: owned.numbers.length, version, cap };
    if (JSON.stringify(seen) !== JSON.stringify(told)) {
      world.find(`acknowledged was ${JSON.stringify(told)}, and there is ${JSON.stringify(seen)}`);
    }
  }

  const operations: Readonly<Record<string, (owned: Owned, sentAt: number) => Promise<boolean | null>>> = {
    async version(owned) {
      if (owned.numbers.length > 20) return null;
      const number = next();
      const form = toForm({ model: toShiftModel(number), label: 'y' });
      const added = await attempt(world, 'version', () => call<Model>('POST', `/v1/models/${owned.id}/versions`, form));
      // 503, or broken off: it may be there.
      if (added === null && (await lookAt(owned))?.versions.length === owned.numbers.length) return false;
      if (added !== null && added.status !== 201) world.find(`a version was answered ${added.status}`);
      owned.numbers.push(number);
      return added !== null;
    },
    async activate(owned, sentAt) {
      const version = 1 + Math.floor(random() * owned.numbers.length);
      const isFull = plan === 'trial' && owned.version === null && [...models.values()].some((m) => m.version !== null);
      if (!isFull) beginAll(owned, truthOf(owned, version), sentAt);
      const started = await attempt(world, 'activate', () =>
        call('POST', `/v1/models/${owned.id}/activate`, { version }),
      );
      if (isFull) {
        if (started !== null && started.status !== 409)
          world.find(`beyond the quota it was answered ${started.status}`);
        return started === null ? false : null;
      }
      if (started !== null && started.status >= 300) world.find(`activate: ${JSON.stringify(started.body)}`);
      const reason = await follow(owned, sentAt);
      if (started === null || owned.version === version) return started !== null;
      // A check that restarts kept from its end three times is a failure that the owner is told of.
      if (reason?.includes('never came to an end')) count(counts.operations, 'activate: three checks broken off');
      else world.find(`version ${version} was to be live, and ${owned.version} is: ${reason}`);
      return true;
    },
    async deactivate(owned, sentAt) {
      if (owned.version === null) return null;
      beginAll(owned, OFF, sentAt);
      const done = await attempt(world, 'deactivate', () => call('POST', `/v1/models/${owned.id}/deactivate`));
      if (done === null) {
        await follow(owned, sentAt);
        return false;
      }
      if (done.status !== 200) world.find(`deactivate: ${JSON.stringify(done.body)}`);
      owned.version = null;
      settleAll(owned, OFF, sentAt);
      return true;
    },
    async rotate(owned, sentAt) {
      const before = owned.current;
      if (owned.version === null || before === null) return null;
      const grace = random() < 0.5 ? GRACE_SECONDS : 0;
      if (grace === 0) begin(before, GONE, sentAt);
      if (owned.old !== null) begin(owned.old.history, GONE, sentAt);
      const done = await attempt(world, 'rotate', () =>
        call<Model>('POST', `/v1/models/${owned.id}/rotate`, { grace_seconds: grace }),
      );
      const at = Date.now();
      if (done !== null && done.status !== 200) world.find(`rotate: ${JSON.stringify(done.body)}`);
      const older = owned.old;
      owned.old = null;
      await follow(owned, sentAt);
      if (owned.current === before) {
        if (done !== null) world.find('the URL is the same after it was rotated');
        owned.old = older;
        return false;
      }
      const until = Date.parse((await lookAt(owned))?.pipeline.old_url_until ?? '') || 0;
      if (older !== null) settle(older.history, GONE, sentAt, Math.min(at, Math.max(older.until, sentAt)));
      if (grace === 0) settle(before, GONE, sentAt, done === null ? Date.now() : at);
      else {
        // The clock ends it, for everybody in the same moment.
        const end = until || sentAt + grace * 1000;
        endAt(before, end, sentAt);
        owned.old = { history: before, until: end, rotatedAt: sentAt };
      }
      return done !== null;
    },
    async rename(owned) {
      renames += 1;
      const name = `${owned.id.slice(-4)} ${renames}`;
      const done = await attempt(world, 'rename', () => call('PATCH', `/v1/models/${owned.id}`, { name }));
      if (done === null && (await lookAt(owned))?.name !== name) return false;
      owned.name = name;
      return done !== null;
    },
    async cap(owned) {
      const cap = 500_000 + Math.floor(random() * 500_000);
      const done = await attempt(world, 'cap', () => call('PATCH', `/v1/models/${owned.id}`, { daily_cap: cap }));
      if (done === null && (await lookAt(owned))?.pipeline.daily_cap !== cap) return false;
      owned.cap = cap;
      return done !== null;
    },
    async remove(owned, sentAt) {
      if (models.size < 3 || random() < 0.5) return null;
      if (owned.version === null) beginAll(owned, GONE, sentAt);
      const done = await attempt(world, 'delete', () => call('DELETE', `/v1/models/${owned.id}`));
      if (done !== null && owned.version !== null) {
        if (done.status !== 409) world.find(`an active model was deleted: ${done.status}`);
        return true;
      }
      if (done === null && (await lookAt(owned)) !== null) return false;
      settleAll(owned, GONE, sentAt);
      models.delete(owned.id);
      return done !== null;
    },
  };

  function next(): number {
    numbers += 1;
    if (numbers >= MOST_VERSIONS) throw new Error('There are too many versions for float32.');
    return numbers;
  }

  async function upload(): Promise<boolean> {
    const number = next();
    const name = `Model ${number}`;
    const form = toForm({ model: toShiftModel(number), label: 'y', name });
    const added = await attempt(world, 'upload', () => call<Model>('POST', '/v1/models', form));
    if (added !== null && added.status !== 201) {
      world.find(`an upload was answered ${added.status}: ${JSON.stringify(added.body)}`);
      return true;
    }
    const list = await look<{ models: Model[] }>('/v1/models');
    const model = added?.body ?? list.body.models.find((each) => each.name === name);
    if (model === undefined) return false;
    const cap = PLANS[plan].daily;
    models.set(model.id, { id: model.id, name, numbers: [number], version: null, cap, current: null, old: null });
    world.usage.set(model.id, { answeredAt: [], unanswered: 0 });
    return added !== null;
  }

  /** A token whose answer was lost is lost: its owner begins anew. */
  async function rotateToken(): Promise<boolean> {
    const old = token;
    const rotated = await attempt(world, 'token', () => call<{ token: string }>('POST', '/v1/account/token'));
    if (rotated !== null) {
      token = rotated.body.token;
      world.secrets[`token ${Object.keys(world.secrets).length}`] = token;
      const { status } = await callApi(stand, old, 'GET', '/v1/account').catch(() => ({ status: 401 }));
      if (status === 200) world.find('the old token still opens the account');
      return true;
    }
    if ((await look('/v1/account')).status !== 401) return false;
    models.clear();
    await signUp();
    return false;
  }

  async function step(): Promise<void> {
    if (models.size < 2 || (models.size < MOST_MODELS && random() < 0.08)) {
      count(counts.operations, `upload: ${(await upload()) ? 'acknowledged' : 'no answer'}`);
      return;
    }
    if (random() < 0.02) {
      count(counts.operations, `token: ${(await rotateToken()) ? 'acknowledged' : 'no answer'}`);
      return;
    }
    const owned = pick(random, [...models.values()]);
    const name = pick(random, ['activate', 'activate', 'activate', ...Object.keys(operations)]) ?? '';
    if (owned === undefined) return;
    const answered = await operations[name]?.(owned, Date.now());
    if (answered === null || answered === undefined) return;
    count(counts.operations, `${name}: ${answered ? 'acknowledged' : 'no answer'}`);
    if (models.has(owned.id)) await hold(owned);
  }

  await signUp();
  return {
    accountId: () => accountId,
    models,
    call,
    async run() {
      while (!world.isOver()) {
        await sleep(50 + random() * 600);
        await step().catch((error) =>
          world.find(`an owner stopped at ${error instanceof Error ? error.stack : error}`),
        );
      }
    },
    async check() {
      for (const owned of models.values()) await hold(owned);
      const list = await look<{ models: Model[] }>('/v1/models');
      const there = new Set(list.body.models.map(({ id }) => id));
      for (const id of models.keys()) if (!there.has(id)) world.find('an acknowledged model is not listed');
      const on = list.body.models.filter(({ pipeline, tutorial }) => pipeline.status === 'active' && !tutorial);
      if (on.length > PLANS[plan].active) world.find(`${on.length} pipelines are active on the plan ${plan}`);
    },
  };
}
