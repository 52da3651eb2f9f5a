// What the tests in workerd share: pipelines in the real KV, called through the real Worker.
import { env, exports } from 'cloudflare:workers';
import type { Manifest } from '../../worker/pipeline/manifest.ts';
import { type PipelineRecord, pipelineKey } from '../../worker/registry/records.ts';
import { createSecret, toDigest } from '../../worker/registry/secret.ts';
import { TUTORIAL_DIGEST, tutorialManifest, tutorialModel } from '../../worker/tutorial/tutorial.ts';

/** Calls one pipeline: what stands behind its URL, and what goes with it. */
export type Caller = (rest: string, init?: RequestInit) => Promise<Response>;

export async function publish(record: Partial<PipelineRecord> & { manifest: Manifest; model: PipelineRecord['model'] }): Promise<Caller> {
  const secret = createSecret((bytes) => crypto.getRandomValues(bytes));
  const whole: PipelineRecord = { v: 1, state: 'active', account_id: 'account_test', model_id: 'model_test', name: 'Test', version: 1, ...record };
  await env.KV.put(pipelineKey(await toDigest(secret)), JSON.stringify(whole));
  return (rest, init) => exports.default.fetch(new Request(`http://localhost/api/${secret}${rest}`, init));
}

export function publishTutorial(more: Partial<PipelineRecord> = {}): Promise<Caller> {
  return publish({ manifest: tutorialManifest, model: { digest: TUTORIAL_DIGEST, bytes: tutorialModel.length }, ...more });
}
