// What the platform binds to this Worker, and what a request carries through it.
import type { SecureHeadersVariables } from 'hono/secure-headers';

export interface Fetcher {
  fetch(request: Request): Promise<Response>;
}

export interface RateLimit {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

export interface Bindings {
  readonly ASSETS: Fetcher;
  /** The API Worker, where it runs beside this one. */
  readonly API?: Fetcher;
  readonly PREDICTIONS: RateLimit;
  readonly SIGN_INS: RateLimit;
  readonly MANAGEMENT: RateLimit;
  /** The public address of the API. */
  readonly API_URL?: string;
  /** JSON, see demos.ts. */
  readonly DEMOS?: string;
  /** 32 random bytes in base64url. */
  readonly SESSION_KEY?: string;
}

export interface AppEnv {
  Bindings: Bindings;
  Variables: SecureHeadersVariables & { requestId: string };
}
