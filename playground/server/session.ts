// The owner's session: the account token, encrypted, in a cookie that scripts cannot read and other sites cannot send.
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { CookieOptions } from 'hono/utils/cookie';
import { base64url, EncryptJWT, jwtDecrypt } from 'jose';
import type { AppEnv, Bindings } from './env.ts';
import { Refusal } from './errors.ts';
import { LIMITS } from './limits.ts';

const NAME = 'postern_session';
const PATH = '/console/api';
const ISSUER = 'postern-playground';
const KEY_BYTES = 32;

/** @returns the account token of who has signed in, or null; a cookie that holds none is taken away. */
export async function findToken(c: Context<AppEnv>): Promise<string | null> {
  const cookie = getCookie(c, NAME, toPrefix(c));
  if (cookie === undefined) return null;
  const token = await openSession(cookie, getKey(c.env));
  if (token === null) signOut(c);
  return token;
}

export async function signIn(c: Context<AppEnv>, token: string): Promise<void> {
  const sealed = await sealSession(token, getKey(c.env), Date.now());
  setCookie(c, NAME, sealed, { ...toOptions(c), maxAge: LIMITS.SESSION_SECONDS });
}

export function signOut(c: Context<AppEnv>): void {
  deleteCookie(c, NAME, toOptions(c));
}

/** @param now milliseconds. */
export function sealSession(token: string, key: Uint8Array, now: number): Promise<string> {
  const at = Math.floor(now / 1000);
  return new EncryptJWT({ token })
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .setIssuer(ISSUER)
    .setAudience(ISSUER)
    .setIssuedAt(at)
    .setExpirationTime(at + LIMITS.SESSION_SECONDS)
    .encrypt(key);
}

/** @returns null of what was not sealed with this key, was changed, or has expired. */
export async function openSession(sealed: string, key: Uint8Array): Promise<string | null> {
  try {
    const { payload } = await jwtDecrypt(sealed, key, {
      issuer: ISSUER,
      audience: ISSUER,
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    return typeof payload.token === 'string' ? payload.token : null;
  } catch {
    return null;
  }
}

/** @throws Refusal not_configured */
export function getKey({ SESSION_KEY = '' }: Bindings): Uint8Array {
  try {
    const key = base64url.decode(SESSION_KEY);
    if (key.length === KEY_BYTES) return key;
  } catch {
    // Said below.
  }
  throw new Refusal(
    'not_configured',
    `The secret SESSION_KEY is not set, or not ${KEY_BYTES} bytes in base64url. Set it with: npx wrangler secret put SESSION_KEY`,
  );
}

/** Over https the name itself says that the cookie came that way; browsers refuse such a name over http. */
function toPrefix(c: Context<AppEnv>): 'secure' | undefined {
  return new URL(c.req.url).protocol === 'https:' ? 'secure' : undefined;
}

function toOptions(c: Context<AppEnv>): CookieOptions {
  const prefix = toPrefix(c);
  return {
    httpOnly: true,
    sameSite: 'Strict',
    path: PATH,
    ...(prefix === undefined ? {} : { prefix, secure: true }),
  };
}
