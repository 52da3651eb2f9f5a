// What an owner does with models and versions: import, list, show, amend, delete. Each checks its limits and changes
// its rows in one transaction; bytes are in KV before a row names them.
import { LIMITS, PLANS } from '../limits.ts';
import type {
  Changed,
  EventView,
  ModelPatch,
  ModelView,
  NewModel,
  NewVersion,
  Page,
  Refusal,
  Result,
  VersionView,
} from './account-api.ts';
import type { Account } from './account-store.ts';
import { type Documents, type StoredVersion, toReference } from './model-store.ts';
import { NEVER_ACTIVE } from './pipeline-state.ts';
import { listSecrets } from './pipeline-store.ts';
import { modelKey } from './records.ts';
import { toDigest } from './secret.ts';
import { NO_MODEL, refuse, type Store, TUTORIAL_ID } from './store.ts';
import { settleWithin } from './time.ts';
import { createModelId } from './token.ts';
import { setCap } from './usage-operations.ts';

const NO_VERSION = refuse('version_not_found', 'The model has no such version.');
const TUTORIAL_FIXED = refuse(
  'tutorial_always_active',
  'The tutorial comes with Postern: it cannot be changed or deleted.',
);

export async function addModel(store: Store, account: Account, input: NewModel): Promise<Result<{ model: ModelView }>> {
  const tooMany = (): Refusal | null => {
    const { models } = PLANS[account.plan];
    if (store.models.count() < models) return null;
    return refuse('limit_reached', `The plan ${account.plan} keeps ${models} models. Delete one first.`);
  };
  const refusal = checkName(input.name) ?? tooMany();
  if (refusal !== null) return refusal;
  const stored = await storeVersion(store, input);
  if ('ok' in stored) return stored;
  return store.transaction(() => {
    // Again: other uploads may have ended meanwhile.
    const full = tooMany();
    if (full !== null) return full;
    const id = createModelId(store.random);
    store.models.insert(id, input.name, store.at());
    const version = store.models.addVersion(id, stored, store.at());
    store.pipelines.insert(id, NEVER_ACTIVE);
    store.events.add({ modelId: id, actor: 'owner', event: 'imported', status: 'inactive', version });
    return show(store, id);
  });
}

export async function addVersion(
  store: Store,
  modelId: string,
  input: NewVersion,
): Promise<Result<{ model: ModelView }>> {
  const refusal = checkRoom(store, modelId);
  if (refusal !== null) return refusal;
  const stored = await storeVersion(store, input);
  if ('ok' in stored) return stored;
  return store.transaction(() => checkRoom(store, modelId) ?? insertVersion(store, modelId, stored, 'version_added'));
}

export function getModel(store: Store, modelId: string): Result<{ model: ModelView }> {
  return store.findHead(modelId) === null ? NO_MODEL : show(store, modelId);
}

export function getVersion(store: Store, modelId: string, version?: number): Result<{ version: VersionView }> {
  if (store.findHead(modelId) === null) return NO_MODEL;
  const found = store.findVersion(modelId, version ?? getNewest(store, modelId));
  return found === null ? NO_VERSION : { ok: true, version: found };
}

export function getNewest(store: Store, modelId: string): number {
  return store.models.find(modelId)?.lastVersion ?? 1;
}

/** The tutorial is the first of the first page, before position 0. */
export function listModels(store: Store, page: Page = {}): Result<{ models: ModelView[]; next: string | null }> {
  const limit = toLimit(page.limit);
  const after = toCursor(page.cursor);
  if (after === undefined) return BAD_CURSOR;
  const head = after === null ? store.findHead(TUTORIAL_ID) : null;
  const models = head === null ? [] : [store.toModel(head)];
  let last = after ?? 0;
  let bytes = 0;
  const rows = store.models.list(last, limit - models.length + 1);
  for (const { id, position } of rows) {
    const { model } = show(store, id);
    bytes += JSON.stringify(model).length;
    // The first is shown whatever its size, or the list would never get past it.
    if (models.length === limit || (models.length > 0 && bytes > LIMITS.PAGE_BYTES)) {
      return { ok: true, models, next: String(last) };
    }
    models.push(model);
    last = position;
  }
  return { ok: true, models, next: null };
}

export function patchModel(store: Store, account: Account, modelId: string, patch: ModelPatch): Result<Changed> {
  const { name, amendment, cap } = patch;
  if (modelId === TUTORIAL_ID && (name !== undefined || amendment !== undefined)) return TUTORIAL_FIXED;
  const refusal =
    (name === undefined ? null : checkName(name)) ??
    (amendment === undefined ? (store.findHead(modelId) === null ? NO_MODEL : null) : checkRoom(store, modelId));
  if (refusal !== null) return refusal;
  return store.transaction(() => {
    const amended = amendment === undefined ? null : toAmended(store, modelId, amendment);
    if (amended !== null && 'ok' in amended) return amended;
    const refused = cap === undefined ? null : setCap(store, account, modelId, cap);
    if (refused !== null) return refused;
    if (name !== undefined && name !== store.findHead(modelId)?.name) {
      store.models.rename(modelId, name);
      store.events.add({ modelId, actor: 'owner', event: 'renamed' });
      const pipeline = store.pipelines.find(modelId);
      if (pipeline?.secretDigest != null && store.publications.getProgress(pipeline.secretDigest).known) {
        store.pipelines.want(pipeline);
      }
    }
    const shown = amended === null ? show(store, modelId) : insertVersion(store, modelId, amended, 'amended');
    const changed = cap === undefined ? null : store.pipelines.find(modelId);
    return { ...shown, forget: changed === null ? [] : listSecrets(changed) };
  });
}

function toAmended(
  store: Store,
  modelId: string,
  { base: number, manifest, report, golden }: NonNullable<ModelPatch['amendment']>,
): StoredVersion | Refusal {
  const base = store.findVersion(modelId, number);
  if (base === null) return NO_VERSION;
  if (number !== getNewest(store, modelId)) {
    return refuse('conflict', 'Another version was added meanwhile. Look at the model and amend it again.');
  }
  const documents = toDocuments(manifest, report ?? base.report, golden);
  return 'ok' in documents
    ? documents
    : { source: 'amendment', task: manifest.task, model: toReference(base), documents };
}

export function deleteModel(store: Store, modelId: string): Result<{ forget: readonly string[] }> {
  if (modelId === TUTORIAL_ID) return TUTORIAL_FIXED;
  return store.transaction(() => {
    const pipeline = store.pipelines.find(modelId);
    if (pipeline === null) return NO_MODEL;
    if (pipeline.state.status === 'active') {
      return refuse('model_active', 'The model is active. Deactivate it first, then delete it.');
    }
    store.models.remove(modelId);
    store.pipelines.remove(modelId);
    store.events.add({ modelId, actor: 'owner', event: 'deleted' });
    store.usage.remove(modelId);
    store.pipelines.want(pipeline);
    return { ok: true, forget: listSecrets(pipeline) };
  });
}

export function listEvents(
  store: Store,
  modelId: string,
  page: Page = {},
): Result<{ events: EventView[]; next: string | null }> {
  const before = toCursor(page.cursor);
  if (before === undefined) return BAD_CURSOR;
  const found = store.events.list(modelId, toLimit(page.limit), before);
  if (found.events.length === 0 && before === null && store.findHead(modelId) === null) return NO_MODEL;
  return { ok: true, ...found };
}

function show(store: Store, modelId: string): { ok: true; model: ModelView } {
  const head = store.findHead(modelId);
  if (head === null) throw new Error('The model was there a moment ago.');
  return { ok: true, model: store.toModel(head) };
}

function insertVersion(
  store: Store,
  modelId: string,
  stored: StoredVersion,
  event: string,
): { ok: true; model: ModelView } {
  const version = store.models.addVersion(modelId, stored, store.at());
  store.events.add({ modelId, actor: 'owner', event, version });
  return show(store, modelId);
}

/** Puts the bytes into KV. @returns the version to insert, or why it cannot be. */
async function storeVersion(store: Store, input: NewVersion): Promise<StoredVersion | Refusal> {
  const documents = toDocuments(input.manifest, input.report, input.golden);
  if ('ok' in documents) return documents;
  const bytes = new Uint8Array(input.model);
  if (bytes.length > LIMITS.MODEL_BYTES) {
    return refuse('body_too_large', `A model may have ${LIMITS.MODEL_BYTES} bytes; this one has ${bytes.length}.`);
  }
  const digest = await toDigest(bytes);
  // The same bytes are there already, and KV takes one write per second and key.
  if (!store.models.holds(digest)) {
    const settled = await settleWithin(
      store.write(modelKey(digest), bytes),
      LIMITS.KV_WRITE_TIMEOUT_MS,
      () => undefined,
    );
    if (settled !== 'done')
      return refuse('model_unavailable', 'Storage did not take the model. Nothing was kept; upload it again.');
  }
  const model = { digest, bytes: bytes.length, optimise: input.optimise };
  return { source: 'upload', task: input.manifest.task, model, documents };
}

function toDocuments(manifest: object, report: object, golden: readonly object[]): Documents | Refusal {
  const kept = [...golden];
  // Fewer golden rows still check a model; a very wide one has room for few.
  while (kept.length > 0 && byteLength(JSON.stringify(kept)) > LIMITS.DOCUMENT_BYTES) kept.pop();
  const documents = {
    manifest: JSON.stringify(manifest),
    report: JSON.stringify(report),
    golden: JSON.stringify(kept),
  };
  for (const [kind, json] of Object.entries(documents)) {
    const bytes = byteLength(json);
    if (bytes <= LIMITS.DOCUMENT_BYTES) continue;
    return refuse('body_too_large', `The ${kind} has ${bytes} bytes as JSON; ${LIMITS.DOCUMENT_BYTES} can be kept.`);
  }
  return documents;
}

function checkRoom(store: Store, modelId: string): Refusal | null {
  if (modelId === TUTORIAL_ID) return TUTORIAL_FIXED;
  if (store.models.find(modelId) === null) return NO_MODEL;
  if (store.models.countVersions(modelId) < LIMITS.VERSIONS_PER_MODEL) return null;
  return refuse(
    'limit_reached',
    `A model keeps ${LIMITS.VERSIONS_PER_MODEL} versions, and this one has them. Import the next one as a new model.`,
  );
}

export function checkName(name: string): Refusal | null {
  const length = [...name].length;
  if (name.trim() !== '' && length <= LIMITS.DISPLAY_NAME_CHARACTERS && !/\p{Cc}/u.test(name)) return null;
  return refuse(
    'invalid_input',
    `A name has 1 to ${LIMITS.DISPLAY_NAME_CHARACTERS} characters, none of them a control character.`,
  );
}

const BAD_CURSOR = refuse('invalid_input', 'This cursor is not one that a list gave.');

/** undefined: not a cursor. */
function toCursor(cursor: string | undefined): number | null | undefined {
  if (cursor === undefined) return null;
  return /^\d{1,15}$/.test(cursor) ? Number(cursor) : undefined;
}

function toLimit(limit: number = LIMITS.PAGE_ITEMS): number {
  return Number.isInteger(limit) ? Math.min(Math.max(limit, 1), LIMITS.PAGE_ITEMS) : LIMITS.PAGE_ITEMS;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
