// What the page and its server say to each other. The page knows slugs and ids; URLs and tokens stay on the server, but
// for the one answer in which a signed-in owner has asked for a URL.
import type { Account, ApiError, Model, Pipeline } from '../worker/contract.ts';

/** `GET /demos` */
export interface DemoList {
  readonly demos: readonly Demo[];
  /** The public address of the API: its reference is at /docs. */
  readonly api_url: string;
}

/**
 * `GET /demo/{slug}/schema` answers a PipelineSchema; `GET` and `POST /demo/{slug}` answer as the prediction API does
 * (docs/api.md), its errors included, in every format.
 */
export interface Demo {
  /** `[a-z0-9-]`, 1 to 40 characters. */
  readonly slug: string;
  readonly title: string;
  /** What the model answers, as a question in plain words. */
  readonly question?: string;
  readonly task: 'classification' | 'regression' | 'forecasting';
  /** How its icon is chosen: `image` where a feature is one. */
  readonly input: 'table' | 'series' | 'image';
}

/** `GET /console/api/session`, and the answer to `POST` with a Credentials body. `DELETE` signs out (204). */
export interface Session {
  readonly account: Account | null;
}

export interface Credentials {
  readonly token: string;
}

/**
 * A model as the console's page sees it. Below `/console/api` lie `account`, `models`, `models/{id}`,
 * `models/{id}/versions`, `models/{id}/versions/{n}`, `models/{id}/events`, `models/{id}/usage` and
 * `models/{id}/activate|deactivate|rotate`, each with the methods and bodies of the management API (`/v1/…`).
 */
export interface ConsoleModel extends Omit<Model, 'pipeline'> {
  readonly pipeline: ConsolePipeline;
}

export interface ConsolePipeline extends Omit<Pipeline, 'url'> {
  /** The URL with dots in place of the secret; only of an active pipeline. */
  readonly masked_url?: string;
}

export interface ConsoleModelList {
  readonly models: readonly ConsoleModel[];
  readonly next: string | null;
}

/** `POST /console/api/models/{id}/url`: the one answer that holds a secret. */
export interface RevealedUrl {
  readonly url: string;
}

/** Codes of the playground's own refusals; the body is an ApiError as everywhere. */
export type PlaygroundCode =
  | ApiError['code']
  | 'demo_not_found'
  | 'signed_out'
  | 'cross_site'
  | 'api_unreachable'
  | 'not_configured';

export interface PlaygroundError extends Omit<ApiError, 'code'> {
  readonly code: PlaygroundCode;
}
