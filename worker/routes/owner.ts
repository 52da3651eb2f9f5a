// Who calls the management API, what the account object answers them, and how that is shown.
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { Account, Model, Usage, Version } from '../contract.ts';
import type { AppEnv, Deps } from '../env.ts';
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { AccountApi, AccountView, ModelView, Result, UsageView, VersionView } from '../registry/account-api.ts';
import { toDigest } from '../registry/secret.ts';
import { isSameDigest } from '../registry/token.ts';

export interface Owner {
  readonly accountId: string;
  readonly tokenHash: string;
  readonly api: AccountApi;
}

export interface OwnerEnv extends AppEnv {
  Variables: { owner: Owner; requestId: string };
}

/** Lets the owner of an account through, and knows them as `c.var.owner`. */
export function requireOwner(deps: Deps) {
  return createMiddleware<OwnerEnv>(async (c, next) => {
    const owner = await deps.accounts.find(getBearer(c.req.header('Authorization')));
    if (owner === null)
      throw unauthorized('This is not an account token. It begins with "postern_" and was shown once.');
    // Before a body is read: an upload of 50 MB by a stranger costs nothing.
    await ask(owner.api.authenticate(owner.tokenHash));
    c.set('owner', owner);
    await next();
  });
}

/** Lets through who knows the deployment's ADMIN_TOKEN. */
export const requireAdmin = createMiddleware<AppEnv>(async (c, next) => {
  const wanted = c.env.ADMIN_TOKEN ?? '';
  if (wanted.length < LIMITS.ADMIN_TOKEN_CHARACTERS) {
    throw unauthorized(
      `This deployment creates no accounts: its ADMIN_TOKEN is not set or shorter than ${LIMITS.ADMIN_TOKEN_CHARACTERS} characters. Set it with: npx wrangler secret put ADMIN_TOKEN`,
    );
  }
  // Digests have one length, whatever was sent: the comparison tells nothing.
  if (!isSameDigest(await toDigest(getBearer(c.req.header('Authorization'))), await toDigest(wanted))) {
    throw unauthorized('Accounts are created with the admin token of this deployment.');
  }
  await next();
});

function getBearer(authorization = ''): string {
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  if (token === undefined) throw unauthorized('Send the token as a header: Authorization: Bearer <token>');
  return token;
}

function unauthorized(message: string): AppError {
  return new AppError('unauthorized', message, { headers: { 'WWW-Authenticate': 'Bearer' } });
}

type Success<T> = Extract<Result<T>, { ok: true }>;

/**
 * What the account object answered.
 * @throws AppError of its refusal; model_unavailable where the platform says that the object can be asked again.
 */
export async function ask<T>(call: Promise<Result<T>>): Promise<Success<T>> {
  let result: Result<T>;
  try {
    result = await call;
  } catch (cause) {
    if (!isOfPlatform(cause)) throw cause;
    throw new AppError('model_unavailable', 'The account does not answer at the moment. Try again.', { cause });
  }
  if (result.ok) return result as Success<T>;
  if (result.code === 'unauthorized') throw unauthorized(result.message);
  const details = result.active === undefined ? {} : { active: result.active };
  throw new AppError(result.code, result.message, details);
}

/**
 * That the object was overloaded, out of reach, or ended in the middle of the call, and not that its code failed:
 * https://developers.cloudflare.com/durable-objects/best-practices/error-handling/
 */
function isOfPlatform(cause: unknown): boolean {
  const { retryable, overloaded, durableObjectReset } = cause as Partial<Record<string, unknown>>;
  return retryable === true || overloaded === true || durableObjectReset === true;
}

/** A model as its owner sees it: with the URL in place of the secret. */
export function toModel(c: Context<OwnerEnv>, view: ModelView): Model {
  const { secret, ...pipeline } = view.pipeline;
  const url = secret === null ? {} : { url: `${new URL(c.req.url).origin}/api/${secret}` };
  // Read-only lists over RPC are lists.
  return { ...view, pipeline: { ...pipeline, ...url } } as Model;
}

export function toAccount(view: AccountView): Account {
  return view as Account;
}

export function toUsage(view: UsageView): Usage {
  return view as Usage;
}

export function toVersion({ golden: _, optimise: __, ...version }: VersionView): Version {
  return version as Version;
}
