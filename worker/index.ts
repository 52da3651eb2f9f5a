// The Worker: one engine, one cache and one app per isolate. The engine starts in global scope, during the TLS
// handshake of the first request, so that no request pays for it.
import { env } from 'cloudflare:workers';
import { createApp } from './app.ts';
import { createOrtRuntime } from './inference/ort.ts';
import { createSessionCache } from './inference/sessions.ts';
import { createReader } from './registry/reader.ts';
import { TUTORIAL_DIGEST, tutorialModel } from './tutorial/tutorial.ts';

const bundled = new Map([[TUTORIAL_DIGEST, tutorialModel]]);

export default createApp({
  reader: createReader(env.KV, bundled, Date.now),
  sessions: createSessionCache(await createOrtRuntime(), createOrtRuntime),
});
