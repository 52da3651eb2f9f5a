// The account object: single writer and truth of one account. It decides in its own SQLite; an alarm checks what is to
// be live and tells KV, again and again until KV agrees, so that a restart at any point loses nothing.
import { DurableObject } from 'cloudflare:workers';
import { PLANS } from '../limits.ts';
import type { UsageReport, UsageVerdict } from '../pipeline/usage.ts';
import type {
  AccountApi,
  AccountView,
  CreateAccount,
  ModelPatch,
  NewModel,
  NewVersion,
  Page,
  Refusal,
  Result,
} from './account-api.ts';
import type { Account } from './account-store.ts';
import { activate, deactivate, listCounted, rotateSecret } from './activation.ts';
import type { Random } from './characters.ts';
import { type Check, createDeployments, type Deployments } from './deployment.ts';
import { hasTables, migrate } from './migrations.ts';
import {
  addModel,
  addVersion,
  checkName,
  deleteModel,
  getModel,
  getVersion,
  listEvents,
  listModels,
  patchModel,
} from './model-operations.ts';
import { getPublished } from './pipeline-state.ts';
import type { PipelineRecord } from './records.ts';
import { createSecret, toDigest } from './secret.ts';
import { createStore, refuse, type Store, TUTORIAL_ID, type Tutorial } from './store.ts';
import { createToken, isAccountId } from './token.ts';
import { addUsage, getUsage } from './usage-operations.ts';
import { toAccountView } from './views.ts';

/** What the object uses of a KV namespace. */
export interface KvWrites {
  put(key: string, value: string | Uint8Array): Promise<void>;
  delete(key: string): Promise<void>;
}

export interface AccountObjectDeps<E> {
  /** Run in the isolate that serves, before a version is published. */
  readonly check: Check;
  readonly kv: (env: E) => KvWrites;
  /** Milliseconds. */
  readonly now: () => number;
  readonly random: Random;
  readonly tutorial: Tutorial;
}

const UNAUTHORIZED = refuse('unauthorized', 'This is not the token of an account. It may have been rotated.');

export function defineAccountObject<E>(deps: AccountObjectDeps<E>) {
  // Public methods can be called over RPC: whatever is not for the Worker is #private.
  return class extends DurableObject<E> implements AccountApi {
    readonly #store: Store;
    readonly #deployments: Deployments;
    #hasTables = false;
    /** Reports that were counted. A restart forgets them: one that is sent again across it counts twice. */
    readonly #reports = new Set<string>();

    constructor(ctx: DurableObjectState, env: E) {
      super(ctx, env);
      const { storage } = ctx;
      const kv = deps.kv(env);
      const transaction = <T>(work: () => T): T => storage.transactionSync(work);
      this.#store = createStore({
        sql: storage.sql,
        transaction,
        hasTables: () => this.#hasTables,
        write: (key, value) => (value === null ? kv.delete(key) : kv.put(key, value)),
        now: deps.now,
        random: deps.random,
        tutorial: deps.tutorial,
        schedule: () => this.#schedule(),
        wake: () => this.#publish(),
      });
      const store = this.#store;
      this.#deployments = createDeployments({
        pipelines: store.pipelines,
        check: deps.check,
        now: deps.now,
        find(modelId, version) {
          const record = store.findRecord(modelId, version, 'active');
          const found = store.findVersion(modelId, version);
          return record === null || found === null ? null : { record, golden: found.golden };
        },
        sync: () => storage.sync(),
        transaction,
        onPass: () => this.#publish(),
      });
      ctx.blockConcurrencyWhile(() => this.#wake());
    }

    /** After a restart: newer tables, a newer tutorial, and an alarm for what was left undone. */
    async #wake(): Promise<void> {
      this.#hasTables = hasTables(this.ctx.storage.sql);
      if (!this.#hasTables) return;
      const digest = await toTutorialDigest(deps.tutorial);
      this.ctx.storage.transactionSync(() => {
        migrate(this.ctx.storage.sql, this.#store.at());
        if (this.#store.account.getTutorial() === digest) return;
        this.#store.account.setTutorial(digest);
        const tutorial = this.#store.pipelines.find(TUTORIAL_ID);
        if (tutorial?.secretDigest != null) this.#store.publications.want(tutorial.secretDigest);
      });
      await this.#schedule();
    }

    async create(input: CreateAccount): Promise<Result<{ account: AccountView; token: string }>> {
      const { account_id: id, name, plan } = input;
      if (!isAccountId(id) || !Object.hasOwn(PLANS, plan)) {
        return refuse('invalid_input', `A plan is one of ${Object.keys(PLANS).join(', ')}.`);
      }
      const refusal = checkName(name);
      if (refusal !== null) return refusal;
      const token = createToken(id, deps.random);
      const secret = createSecret(deps.random);
      const tokenHash = await toDigest(token);
      const secretDigest = await toDigest(secret);
      const tutorialDigest = await toTutorialDigest(deps.tutorial);
      const { account, pipelines, publications, events, at } = this.#store;
      const created: Account = { id, name, plan, created_at: at() };
      const isNew = this.ctx.storage.transactionSync(() => {
        if (account.find() !== null) return false;
        migrate(this.ctx.storage.sql, at());
        this.#hasTables = true;
        account.insert(created, tokenHash);
        account.setTutorial(tutorialDigest);
        pipelines.insert(TUTORIAL_ID, {
          status: 'active',
          version: 1,
          activatedAt: created.created_at,
          candidate: null,
          reason: null,
        });
        pipelines.setSecret(TUTORIAL_ID, secret, secretDigest);
        publications.want(secretDigest);
        events.add({ modelId: null, actor: 'admin', event: 'account_created' });
        events.add({ modelId: TUTORIAL_ID, actor: 'system', event: 'activated', status: 'active', version: 1 });
        return true;
      });
      if (!isNew) return refuse('account_exists', 'There is an account with this id.');
      await this.#schedule();
      await publications.settle(secretDigest);
      return { ok: true, account: this.#toAccountView(created), token };
    }

    authenticate(tokenHash: string) {
      return this.#as(tokenHash, ({ id, plan }) => ({ ok: true, account_id: id, plan }));
    }

    getAccount(tokenHash: string) {
      return this.#as(tokenHash, (account) => ({ ok: true, account: this.#toAccountView(account) }));
    }

    rotateToken(tokenHash: string) {
      return this.#as(tokenHash, async ({ id }) => {
        const token = createToken(id, deps.random);
        const hash = await toDigest(token);
        // Again: of two rotations with the same token one wins, the other's token is dead already.
        if (this.#store.account.findFor(tokenHash) === null) return UNAUTHORIZED;
        this.ctx.storage.transactionSync(() => {
          this.#store.account.setTokenHash(hash);
          this.#store.events.add({ modelId: null, actor: 'owner', event: 'token_rotated' });
        });
        return { ok: true, token };
      });
    }

    addModel(tokenHash: string, input: NewModel) {
      return this.#as(tokenHash, (account) => addModel(this.#store, account, input));
    }

    addVersion(tokenHash: string, modelId: string, input: NewVersion) {
      return this.#as(tokenHash, () => addVersion(this.#store, modelId, input));
    }

    listModels(tokenHash: string, page?: Page) {
      return this.#as(tokenHash, () => listModels(this.#store, page));
    }

    getModel(tokenHash: string, modelId: string) {
      return this.#as(tokenHash, () => getModel(this.#store, modelId));
    }

    getVersion(tokenHash: string, modelId: string, version?: number) {
      return this.#as(tokenHash, () => getVersion(this.#store, modelId, version));
    }

    patchModel(tokenHash: string, modelId: string, patch: ModelPatch) {
      return this.#as(tokenHash, (account) => patchModel(this.#store, account, modelId, patch));
    }

    deleteModel(tokenHash: string, modelId: string) {
      return this.#as(tokenHash, () => deleteModel(this.#store, modelId));
    }

    activate(tokenHash: string, modelId: string, version?: number) {
      return this.#as(tokenHash, (account) => activate(this.#store, account, modelId, version));
    }

    deactivate(tokenHash: string, modelId: string) {
      return this.#as(tokenHash, () => deactivate(this.#store, modelId));
    }

    rotateSecret(tokenHash: string, modelId: string, graceSeconds?: number) {
      return this.#as(tokenHash, () => rotateSecret(this.#store, modelId, graceSeconds));
    }

    getUsage(tokenHash: string, modelId: string) {
      return this.#as(tokenHash, () => getUsage(this.#store, modelId));
    }

    listEvents(tokenHash: string, modelId: string, page?: Page) {
      return this.#as(tokenHash, () => listEvents(this.#store, modelId, page));
    }

    async findRecord(secretDigest: string): Promise<PipelineRecord | null> {
      if (!this.#hasTables) return null;
      const pipeline = this.#store.pipelines.findBySecret(secretDigest);
      if (pipeline === null) return null;
      const { state } = pipeline;
      // What serves, not what is being published: a caller never sees a version before KV holds it.
      if (state.status === 'active') {
        return this.#store.findRecordUnder(secretDigest, pipeline, state.version, 'active');
      }
      const version = getPublished(state) ?? ('version' in state ? state.version : state.candidate.version);
      return version === null ? null : this.#store.findRecordUnder(secretDigest, pipeline, version, 'inactive');
    }

    async addUsage(report: UsageReport): Promise<UsageVerdict[]> {
      if (!this.#hasTables) return [];
      const verdicts = addUsage(this.#store, this.#reports, report);
      await this.#schedule();
      this.#publish();
      return verdicts;
    }

    override async alarm(): Promise<void> {
      if (!this.#hasTables) return;
      try {
        this.ctx.storage.transactionSync(() => this.#store.pipelines.endOld());
        await Promise.all([this.#deployments.runDue(), this.#store.publications.flush()]);
      } finally {
        await this.#schedule();
      }
    }

    /** Answers `unauthorized` to any other token, and sees to it that what `work` has changed is followed up. */
    async #as<T>(
      tokenHash: string,
      work: (account: Account) => Result<T> | Promise<Result<T>>,
    ): Promise<Result<T> | Refusal> {
      const account = this.#store.account.findFor(tokenHash);
      if (account === null) return UNAUTHORIZED;
      try {
        return await work(account);
      } finally {
        // Whatever has failed: what was decided is followed up, and the alarm set here and once more after that.
        this.#publish();
        await this.#schedule();
      }
    }

    /** Not awaited: the alarm sees to what this does not achieve. */
    #publish(): void {
      this.ctx.waitUntil(
        this.#store.publications
          .flush()
          .then(() => this.#schedule())
          .catch(() => undefined),
      );
    }

    async #schedule(): Promise<void> {
      const { pipelines, publications } = this.#store;
      const times = [pipelines.nextCheckAt(), pipelines.nextEndAt(), publications.nextAt()].filter(
        (time) => time !== null,
      );
      if (times.length > 0) await this.ctx.storage.setAlarm(Math.max(deps.now(), Math.min(...times)));
    }

    #toAccountView(account: Account): AccountView {
      const head = this.#store.findHead(TUTORIAL_ID);
      const tutorial = head === null ? [] : [{ id: head.id, name: head.name, status: 'active' as const }];
      return toAccountView(account, this.#store.models.count(), listCounted(this.#store), tutorial);
    }
  };
}

/** Tells whether the tutorial that came with this Worker is the one that was published. */
function toTutorialDigest({ name, manifest, model }: Tutorial): Promise<string> {
  return toDigest(JSON.stringify({ name, manifest, model }));
}
