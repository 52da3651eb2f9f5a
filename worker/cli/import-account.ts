// An export into an account, through the same checks as any upload. What is there already (same name, bytes and manifests)
// is found again, so that a second run goes on where the first one ended, and a third changes nothing.
import { isDeepStrictEqual } from 'node:util';
import type { Model } from '../contract.ts';
import type { Archive, ExportedModel } from './archive.ts';
import { type Api, ApiFailure } from './client.ts';

const TRIES = 4;
const RETRY_MS = 500;

export interface Imported {
  /** What was done, a sentence per model. */
  readonly done: readonly string[];
  /** What could not be done, and why. */
  readonly failures: readonly string[];
  /** The models that were switched on, each with its new URL, a secret. */
  readonly urls: readonly { readonly name: string; readonly url: string }[];
}

/** @throws ApiFailure 401 where the token is none; what fails of one model keeps none of the others back. */
export async function importAccount(api: Api, archive: Archive): Promise<Imported> {
  const done: string[] = [];
  const failures: string[] = [];
  const urls: { name: string; url: string }[] = [];
  // Two exported models may be alike; each finds one of its own.
  const listed = await api.listModels();
  const account: Known = { free: listed, seen: new Set(listed.map(({ id }) => id)) };
  const isSamePlan = (await api.getAccount()).plan === archive.index.account.plan;
  for (const exported of archive.index.models) {
    try {
      const { id, added, isNew } = await restore(api, archive, exported, account);
      account.free = account.free.filter((model) => model.id !== id);
      account.seen.add(id);
      const { name, versions } = exported;
      const count = versions.length;
      if (isNew) done.push(`"${name}": imported, ${count} version${count === 1 ? '' : 's'}, as ${id}.`);
      else if (added > 0) done.push(`"${name}" (${id}): ${added} of ${count} versions were missing and are there now.`);
      else done.push(`"${name}" (${id}): is there already.`);
      await limit(api, id, exported, isSamePlan);
      const url = await switchOn(api, id, exported);
      if (url !== null) urls.push({ name, url });
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.status === 401) throw error;
      failures.push(`"${exported.name}": ${error.message}`);
    }
  }
  return { done, failures, urls };
}

/** What is known of the account. */
interface Known {
  /** Models that no exported one has been found to be. */
  free: readonly Model[];
  readonly seen: Set<string>;
}

interface Restored {
  readonly id: string;
  readonly isNew: boolean;
  readonly added: number;
}

/** Uploads the versions that are missing, in their order, so that each gets its number. */
async function restore(api: Api, archive: Archive, exported: ExportedModel, account: Known): Promise<Restored> {
  const { versions } = exported;
  let found = await findRestored(api, archive, exported, account.free);
  const isNew = found === null;
  let added = 0;
  for (let tries = 1; ; ) {
    const next = versions[found?.versions.length ?? 0];
    if (found !== null && next === undefined) return { id: found.id, isNew, added };
    if (next === undefined) throw new Error('A model has a version.');
    try {
      const path = found === null ? '/v1/models' : `/v1/models/${found.id}/versions`;
      found = await api.upload(path, await toForm(archive, exported, next));
      added += 1;
      tries = 1;
    } catch (error) {
      if (tries === TRIES || !(error instanceof ApiFailure && error.status === 503)) throw error;
      tries += 1;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      // Busy, or lost on its way: what has arrived nevertheless is found again.
      found = await findRestored(api, archive, exported, await listArrived(api, account, found));
      continue;
    }
    if (await holdsSame(api, found, archive, exported)) continue;
    if (isNew) await api.deleteModel(found.id);
    throw new ApiFailure(
      422,
      `this Postern makes other bytes or another manifest of version ${next.version} than the one that exported it, so its answers could be others. ${isNew ? 'It was not kept' : `It was added to ${found.id}, and not switched on`}.`,
    );
  }
}

/** What an upload may have become that was lost on its way: the model it was for, or one not seen before. */
async function listArrived(api: Api, { seen }: Known, found: Model | null): Promise<Model[]> {
  const models = await api.listModels();
  return models.filter(({ id }) => (found === null ? !seen.has(id) : id === found.id));
}

/** The model of the account that holds the exported versions, all of them or the first few. */
async function findRestored(
  api: Api,
  archive: Archive,
  exported: ExportedModel,
  listed: readonly Model[],
): Promise<Model | null> {
  for (const model of listed) {
    if (!model.tutorial && model.name === exported.name && (await holdsSame(api, model, archive, exported))) {
      return model;
    }
  }
  return null;
}

/** By bytes and manifest: together they are all that an answer depends on. */
async function holdsSame(api: Api, model: Model, archive: Archive, exported: ExportedModel): Promise<boolean> {
  const oldestFirst = [...model.versions].sort((a, b) => a.version - b.version);
  for (const [i, { digest, version }] of oldestFirst.entries()) {
    const wanted = exported.versions[i];
    // Its owner has gone on since: what was exported is there.
    if (wanted === undefined) return true;
    if (digest !== wanted.digest) return false;
    const [there, here] = await Promise.all([
      api.getVersion(model.id, version),
      archive.getVersion(exported.id, wanted.version),
    ]);
    if (!isDeepStrictEqual(there.manifest, here.manifest)) return false;
  }
  return true;
}

async function toForm(
  archive: Archive,
  { id, name }: ExportedModel,
  { version, digest }: { version: number; digest: string },
) {
  const { manifest } = await archive.getVersion(id, version);
  const form = new FormData();
  form.set('model', new File([await archive.getModel(digest)], 'model.onnx'));
  form.set('name', name);
  form.set('manifest', JSON.stringify(manifest));
  return form;
}

/** Another plan gives other caps: then only one that is lower is its owner's wish. */
async function limit(api: Api, id: string, { pipeline }: ExportedModel, isSamePlan: boolean): Promise<void> {
  const { daily_cap, on_cap } = pipeline;
  const here = (await api.getModel(id)).pipeline;
  const cap = { daily_cap: isSamePlan ? daily_cap : Math.min(daily_cap, here.daily_cap), on_cap };
  if (cap.daily_cap !== here.daily_cap || on_cap !== here.on_cap) await api.setCap(id, cap);
}

/** @returns the URL where this run has switched it on. @throws ApiFailure quota_exceeded, with what is active. */
async function switchOn(api: Api, id: string, { pipeline, versions }: ExportedModel): Promise<string | null> {
  if (!pipeline.active || pipeline.version === null) return null;
  const { status } = (await api.getModel(id)).pipeline;
  if (status === 'active') return null;
  // Numbers begin anew where a model is made anew.
  const version = versions.findIndex((each) => each.version === pipeline.version) + 1;
  return api.activate(id, version);
}
