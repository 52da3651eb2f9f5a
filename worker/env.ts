// What the platform binds to the Worker, and what one request carries along.
import type { PredictDeps } from './predict.ts';

export interface Variables {
  requestId: string | undefined;
}

export interface AppEnv {
  Bindings: Env;
  Variables: Variables;
}

/** What the routes need of the isolate, made once in index.ts. */
export type Deps = PredictDeps;
