// The Worker: one engine, one cache and one app per isolate. The engine starts in global scope, during the TLS
// handshake of the first request, so that no request pays for it.
import { env, waitUntil } from 'cloudflare:workers';
import { createAdmission } from './admission.ts';
import { createFetch } from './app.ts';
import { checkVersion } from './check.ts';
import type { Bindings } from './env.ts';
import { createOrtRuntime } from './inference/ort.ts';
import { createSessionCache } from './inference/sessions.ts';
import { defineAccountObject } from './registry/account-object.ts';
import { createAccounts } from './registry/accounts.ts';
import { createHash } from './registry/hash.ts';
import { createReader } from './registry/reader.ts';
import { sleep } from './registry/time.ts';
import { TUTORIAL_DIGEST, tutorial, tutorialModel } from './tutorial/tutorial.ts';
import { createUsage } from './usage/usage.ts';
import { warmUp } from './warm-up.ts';

const bundled = new Map([[TUTORIAL_DIGEST, tutorialModel]]);
const accounts = createAccounts(env.ACCOUNTS);
const random = (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes);
const { RATE_LIMITER: limiter }: Bindings = env;
const usage = createUsage({
  now: Date.now,
  sleep,
  waitUntil,
  createId: () => crypto.randomUUID(),
  send: async (accountId, report) => accounts.get(accountId).addUsage(report),
  limiter: limiter ?? null,
});
const deps = {
  accounts,
  usage,
  startEngine: createOrtRuntime,
  random,
  admission: createAdmission(Date.now),
  reader: createReader(env.KV, bundled, Date.now, accounts.ask, createHash),
  sessions: createSessionCache(await createOrtRuntime(), createOrtRuntime, { keep: waitUntil }),
};
warmUp(deps.sessions);

export class AccountObject extends defineAccountObject<Env>({
  check: (record, golden) => checkVersion(deps, record, golden),
  kv: ({ KV }) => KV,
  now: Date.now,
  random,
  tutorial,
}) {}

export default { fetch: createFetch(deps) } satisfies ExportedHandler<Bindings>;
