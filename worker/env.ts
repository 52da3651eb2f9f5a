// What the platform binds to the Worker, and what one request carries from middleware to route.
import type { PredictDeps } from './predict.ts';

export interface Variables {
  requestId: string;
}

export interface AppEnv {
  Bindings: Env;
  Variables: Variables;
}

/** What the routes need of the isolate, made once in index.ts. */
export type Deps = PredictDeps;
