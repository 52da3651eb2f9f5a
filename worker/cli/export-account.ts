// All models of an account into one file: names, every version with its ONNX bytes, manifest and report, which were switched
// on, and their daily caps. Secrets stay where they are: a URL is no part of a backup.
import { type ArchiveWriter, createArchive, type ExportedModel } from './archive.ts';
import type { Api } from './client.ts';

export interface Exported {
  readonly models: number;
  readonly versions: number;
  readonly bytes: number;
}

/**
 * @param at now, ISO 8601.
 * @throws ApiFailure; then there is no file.
 */
export async function exportAccount(api: Api, path: string, at: string): Promise<Exported> {
  const { name, plan } = await api.getAccount();
  const listed = await api.listModels();
  const archive = await createArchive(path);
  try {
    const models: ExportedModel[] = [];
    let bytes = 0;
    for (const { id, name, created_at, versions, pipeline, tutorial } of listed) {
      // It comes with every account.
      if (tutorial) continue;
      const oldestFirst = [...versions].sort((a, b) => a.version - b.version);
      for (const { version, digest } of oldestFirst) bytes += await addVersion(api, archive, id, version, digest);
      const { status, version, daily_cap, on_cap } = pipeline;
      const exported = { active: status === 'active', version, daily_cap, on_cap };
      models.push({ id, name, created_at, pipeline: exported, versions: oldestFirst });
    }
    await archive.finish({ postern_export: 1, exported_at: at, account: { name, plan }, models });
    return { models: models.length, versions: models.reduce((sum, { versions }) => sum + versions.length, 0), bytes };
  } catch (error) {
    await archive.abandon();
    throw error;
  }
}

/** @returns the bytes it added: none where another version has the same. */
async function addVersion(
  api: Api,
  archive: ArchiveWriter,
  id: string,
  version: number,
  digest: string,
): Promise<number> {
  await archive.addVersion(id, await api.getVersion(id, version));
  if (archive.has(digest)) return 0;
  const bytes = await api.download(id, version);
  await archive.addModel(digest, bytes);
  return bytes.length;
}
