// What `npm start` keeps between runs: the secret of the tutorial's pipeline, made once, and its record in the
// local KV. Runs before the Worker does, since one process owns the state.
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getPlatformProxy } from 'wrangler';
import type { Manifest } from '../pipeline/manifest.ts';
import { type PipelineRecord, pipelineKey } from '../registry/records.ts';
import { createSecret, isSecret, toDigest } from '../registry/secret.ts';

const TUTORIAL = new URL('../tutorial/', import.meta.url);

/** @returns the secret of the tutorial's pipeline, whose record is in the KV below `state`. */
export async function publishTutorial(state: string): Promise<string> {
  const secret = await getSecret(join(state, 'tutorial-secret'));
  const model = new URL('iris.votes.onnx', TUTORIAL);
  const record: PipelineRecord = {
    v: 1,
    state: 'active',
    account_id: 'account_local',
    model_id: 'model_tutorial',
    name: 'Iris (tutorial)',
    version: 1,
    model: {
      digest: await toDigest(new Uint8Array(await readFile(model))),
      bytes: (await stat(model)).size,
      optimise: false,
    },
    manifest: JSON.parse(await readFile(new URL('manifest.json', TUTORIAL), 'utf8')) as Manifest,
  };
  const platform = await getPlatformProxy<Env>({ persist: { path: join(state, 'v3') }, remoteBindings: false });
  try {
    await platform.env.KV.put(pipelineKey(await toDigest(secret)), JSON.stringify(record));
  } finally {
    await platform.dispose();
  }
  return secret;
}

async function getSecret(path: string): Promise<string> {
  const kept = await readFile(path, 'utf8').catch(() => '');
  if (isSecret(kept)) return kept;
  const secret = createSecret((bytes) => crypto.getRandomValues(bytes));
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, secret, { mode: 0o600 });
  return secret;
}
