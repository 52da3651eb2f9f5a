// What the platform binds to the Worker (`wrangler types` writes Env), and what the isolate makes once.
import type { PredictDeps } from './predict.ts';

export interface AppEnv {
  Bindings: Env;
}

/** What the routes need of the isolate, made once in index.ts. */
export type Deps = PredictDeps;
