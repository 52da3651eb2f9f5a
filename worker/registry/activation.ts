// What an owner does with a pipeline: switch it on and off, and change its secret. The quota is counted in the same
// synchronous transaction that takes the place, so no number of simultaneous calls gets past it.
import { LIMITS, PLANS } from '../limits.ts';
import type { ActiveModel, Changed, Result } from './account-api.ts';
import type { Account } from './account-store.ts';
import { getNewest } from './model-operations.ts';
import { hasPlace, isCounted } from './pipeline-state.ts';
import { listSecrets } from './pipeline-store.ts';
import { createSecret, toDigest } from './secret.ts';
import { NO_MODEL, refuse, type Store, TUTORIAL_ID } from './store.ts';

const TUTORIAL_ACTIVE = refuse('tutorial_always_active', 'The tutorial is always active, and counts against no quota.');

export async function activate(
  store: Store,
  account: Account,
  modelId: string,
  wanted?: number,
): Promise<Result<Changed>> {
  // Made before it is known whether it is needed: nothing may be awaited inside the transaction.
  const secret = createSecret(store.random);
  const secretDigest = await toDigest(secret);
  return store.transaction(() => {
    const head = store.findHead(modelId);
    const pipeline = store.pipelines.find(modelId);
    if (head === null || pipeline === null) return NO_MODEL;
    if (modelId === TUTORIAL_ID) return { ok: true, model: store.toModel(head), forget: [] };
    const version = wanted ?? getNewest(store, modelId);
    if (store.findVersion(modelId, version) === null) {
      return refuse('version_not_found', 'The model has no such version.');
    }
    const places = PLANS[account.plan].active;
    const others = store.pipelines.countInUse(TUTORIAL_ID, modelId);
    if (!hasPlace(pipeline.state, others, places)) return refuseQuota(store, account, places);
    if (pipeline.secret === null) store.pipelines.setSecret(modelId, secret, secretDigest);
    const present = store.pipelines.find(modelId) ?? pipeline;
    store.pipelines.apply(present, { type: 'activate', version, deployment: present.deployment + 1 }, 'owner');
    return { ok: true, model: store.toModel(head), forget: listSecrets(present) };
  });
}

/** Models whose pipelines take a place of the plan. */
export function listCounted(store: Store): ActiveModel[] {
  return store.pipelines.listInUse(TUTORIAL_ID).map(({ modelId, state }) => ({
    id: modelId,
    name: store.findHead(modelId)?.name ?? '',
    status: state.status,
  }));
}

function refuseQuota(store: Store, account: Account, places: number): Result<never> {
  const active = listCounted(store);
  const named = active.slice(0, 3).map(({ id, name }) => `"${name}" (${id})`);
  const more = active.length > named.length ? ` and ${active.length - named.length} more` : '';
  const message = `The plan ${account.plan} allows ${places} active pipeline${places === 1 ? '' : 's'}. Deactivate first: ${named.join(', ')}${more}.`;
  return refuse('quota_exceeded', message, { active });
}

export function deactivate(store: Store, modelId: string): Result<Changed> {
  if (modelId === TUTORIAL_ID) return TUTORIAL_ACTIVE;
  return store.transaction(() => {
    const head = store.findHead(modelId);
    const pipeline = store.pipelines.find(modelId);
    if (head === null || pipeline === null) return NO_MODEL;
    store.pipelines.apply(pipeline, { type: 'deactivate' }, 'owner');
    return { ok: true, model: store.toModel(head), forget: listSecrets(pipeline) };
  });
}

/** @param graceSeconds how long the present secret goes on serving. One that an earlier rotation left is dead at once. */
export async function rotateSecret(store: Store, modelId: string, graceSeconds = 0): Promise<Result<Changed>> {
  if (!Number.isInteger(graceSeconds) || graceSeconds < 0 || graceSeconds > LIMITS.ROTATE_GRACE_SECONDS) {
    return refuse('invalid_input', `grace_seconds: a whole number from 0 to ${LIMITS.ROTATE_GRACE_SECONDS}.`);
  }
  const secret = createSecret(store.random);
  const secretDigest = await toDigest(secret);
  const refusal = store.transaction(() => {
    const pipeline = store.pipelines.find(modelId);
    if (pipeline === null) return NO_MODEL;
    store.pipelines.rotate(
      pipeline,
      secret,
      secretDigest,
      graceSeconds > 0 && pipeline.secret !== null ? store.now() + graceSeconds * 1000 : null,
    );
    if (isCounted(pipeline.state)) store.publications.want(secretDigest);
    store.usage.removePages(modelId);
    const { status } = pipeline.state;
    const reason = graceSeconds > 0 ? `The old URL serves for another ${graceSeconds} seconds.` : null;
    store.events.add({ modelId, actor: 'owner', event: 'secret_rotated', status, reason });
    return pipeline;
  });
  if ('ok' in refusal) return refusal;
  // Before anything is waited for: a restart from here on must not leave the old URL alive.
  await store.schedule();
  if (isCounted(refusal.state)) await store.publications.settle(secretDigest);
  const head = store.findHead(modelId);
  // It may have been deleted while storage was waited for.
  if (head === null) return NO_MODEL;
  return { ok: true, model: store.toModel(head), forget: listSecrets(refusal) };
}
