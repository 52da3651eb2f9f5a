// What the platform binds to the Worker (`wrangler types` writes Env), and what the isolate makes once.
import type { Runtime } from './inference/runtime.ts';
import type { PredictDeps } from './predict.ts';
import type { Accounts } from './registry/accounts.ts';
import type { Random } from './registry/characters.ts';
import type { Reader } from './registry/reader.ts';
import type { RateLimiter } from './usage/rate.ts';
import type { Usage } from './usage/usage.ts';

/** Secrets are bound by name only where they were set, so that their types cannot be generated. */
export interface Bindings extends Omit<Env, 'RATE_LIMITER'> {
  /** Without it calls are limited by the daily cap alone. */
  readonly RATE_LIMITER?: RateLimiter;
  /** Opens `POST /v1/accounts`. Without it nobody creates accounts. */
  readonly ADMIN_TOKEN?: string;
}

export interface AppEnv {
  Bindings: Bindings;
}

/** What the routes need of the isolate, made once in index.ts. */
export interface Deps extends PredictDeps {
  readonly reader: Reader;
  readonly usage: Usage;
  readonly accounts: Accounts;
  /** Another engine, beside the one that serves. */
  readonly startEngine: () => Promise<Runtime>;
  readonly random: Random;
}
