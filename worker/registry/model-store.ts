// The rows of models and their immutable versions. Decides nothing but numbers: who may what is account-object.ts.
import type { Manifest } from '../pipeline/manifest.ts';
import type { GoldenRow, VersionSummary, VersionView } from './account-api.ts';
import type { ModelReference } from './records.ts';

export interface StoredModel {
  readonly id: string;
  /** Its place in the order of creation. */
  readonly position: number;
  readonly name: string;
  /** The number of its newest version; numbers are never used again. */
  readonly lastVersion: number;
  readonly createdAt: string;
}

/** The three documents of a version, as JSON. */
export interface Documents {
  readonly manifest: string;
  readonly report: string;
  readonly golden: string;
}

export interface StoredVersion {
  readonly source: VersionSummary['source'];
  readonly task: Manifest['task'];
  readonly model: ModelReference;
  readonly documents: Documents;
}

export interface ModelStore {
  count(): number;
  insert(id: string, name: string, at: string): void;
  find(id: string): StoredModel | null;
  /** In the order of creation, from behind `position`. */
  list(position: number, limit: number): StoredModel[];
  rename(id: string, name: string): void;
  remove(id: string): void;
  /** @returns the number it got. */
  addVersion(modelId: string, version: StoredVersion, at: string): number;
  countVersions(modelId: string): number;
  /** The newest first. */
  listVersions(modelId: string): VersionSummary[];
  findVersion(modelId: string, version: number): VersionView | null;
  /** Whether these bytes were put into storage for a version that still exists. */
  holds(digest: string): boolean;
}

type ModelRow = { id: string; position: number; name: string; last_version: number; created_at: string };
type VersionRow = {
  version: number;
  source: string;
  task: string;
  digest: string;
  bytes: number;
  optimise: number;
  created_at: string;
};

const MODEL = 'SELECT id, position, name, last_version, created_at FROM models';
const VERSION = 'SELECT version, source, task, digest, bytes, optimise, created_at FROM versions';

export function createModelStore(sql: SqlStorage): ModelStore {
  const count = (query: string, ...bindings: string[]): number => sql.exec<{ n: number }>(query, ...bindings).one().n;

  return {
    count: () => count('SELECT COUNT(*) AS n FROM models'),
    insert(id, name, at) {
      sql.exec(
        'INSERT INTO models (id, position, name, last_version, created_at) VALUES (?, (SELECT COALESCE(MAX(position), 0) + 1 FROM models), ?, 0, ?)',
        id,
        name,
        at,
      );
    },
    find(id) {
      const [row] = sql.exec<ModelRow>(`${MODEL} WHERE id = ?`, id).toArray();
      return row === undefined ? null : toModel(row);
    },
    list: (position, limit) =>
      sql
        .exec<ModelRow>(`${MODEL} WHERE position > ? ORDER BY position LIMIT ?`, position, limit)
        .toArray()
        .map(toModel),
    rename(id, name) {
      sql.exec('UPDATE models SET name = ? WHERE id = ?', name, id);
    },
    remove(id) {
      for (const table of ['documents', 'versions']) sql.exec(`DELETE FROM ${table} WHERE model_id = ?`, id);
      sql.exec('DELETE FROM models WHERE id = ?', id);
    },
    addVersion(modelId, { source, task, model, documents }, at) {
      const { n: version } = sql
        .exec<{ n: number }>(
          'UPDATE models SET last_version = last_version + 1 WHERE id = ? RETURNING last_version AS n',
          modelId,
        )
        .one();
      sql.exec(
        'INSERT INTO versions (model_id, version, source, task, digest, bytes, optimise, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        modelId,
        version,
        source,
        task,
        model.digest,
        model.bytes,
        model.optimise === false ? 0 : 1,
        at,
      );
      for (const [kind, json] of Object.entries(documents)) {
        sql.exec(
          'INSERT INTO documents (model_id, version, kind, json) VALUES (?, ?, ?, ?)',
          modelId,
          version,
          kind,
          json,
        );
      }
      return version;
    },
    countVersions: (modelId) => count('SELECT COUNT(*) AS n FROM versions WHERE model_id = ?', modelId),
    listVersions: (modelId) =>
      sql.exec<VersionRow>(`${VERSION} WHERE model_id = ? ORDER BY version DESC`, modelId).toArray().map(toSummary),
    findVersion(modelId, version) {
      const [row] = sql.exec<VersionRow>(`${VERSION} WHERE model_id = ? AND version = ?`, modelId, version).toArray();
      if (row === undefined) return null;
      const texts = sql.exec<{ kind: string; json: string }>(
        'SELECT kind, json FROM documents WHERE model_id = ? AND version = ?',
        modelId,
        version,
      );
      const documents = new Map(texts.toArray().map(({ kind, json }) => [kind, JSON.parse(json) as unknown]));
      return {
        ...toSummary(row),
        optimise: row.optimise === 1,
        manifest: documents.get('manifest') as Manifest,
        report: documents.get('report') as object,
        golden: documents.get('golden') as GoldenRow[],
      };
    },
    holds: (digest) => count('SELECT COUNT(*) AS n FROM versions WHERE digest = ?', digest) > 0,
  };
}

export function toReference({ digest, size_bytes, optimise }: VersionView): ModelReference {
  return { digest, bytes: size_bytes, optimise };
}

export function toSummary(row: VersionRow | VersionView): VersionSummary {
  return {
    version: row.version,
    created_at: row.created_at,
    source: row.source as VersionSummary['source'],
    task: row.task as Manifest['task'],
    size_bytes: 'bytes' in row ? row.bytes : row.size_bytes,
    digest: row.digest,
  };
}

function toModel({ id, position, name, last_version, created_at }: ModelRow): StoredModel {
  return { id, position, name, lastVersion: last_version, createdAt: created_at };
}
