// The file of an export: a tar that any tar lists. export.json says what there is, versions/ holds manifest and report of
// each version, onnx/ each file once, under its SHA-256. Read by unpacking it into a folder of its own, checked as it comes.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import * as tar from 'tar-stream';
import { z } from 'zod';
import { versionSchema, versionSummarySchema } from '../contract.ts';

const indexSchema = z.object({
  postern_export: z.literal(1),
  exported_at: z.iso.datetime(),
  account: z.object({ name: z.string(), plan: z.string() }),
  models: z.array(
    z.object({
      id: z.string().regex(/^model_[0-9a-z]+$/),
      name: z.string(),
      created_at: z.iso.datetime(),
      /** `active`, and the version that served. */
      pipeline: z.object({
        active: z.boolean(),
        version: z.int().nullable(),
        daily_cap: z.int(),
        on_cap: z.enum(['refuse', 'pause']),
      }),
      /** The oldest first. */
      versions: z.array(versionSummarySchema).min(1),
    }),
  ),
});

export type ExportIndex = z.infer<typeof indexSchema>;
export type ExportedModel = ExportIndex['models'][number];
export type ExportedVersion = z.infer<typeof versionSchema>;

const INDEX = 'export.json';
const NAME = /^(export\.json|onnx\/[0-9a-f]{64}\.onnx|versions\/model_[0-9a-z]+\/\d+\.json)$/;
const toVersionName = (modelId: string, version: number): string => `versions/${modelId}/${version}.json`;
const toOnnxName = (digest: string): string => `onnx/${digest}.onnx`;

/** A file that is no export, or not a whole one: the message says which. */
export class ArchiveFault extends Error {}

export interface ArchiveWriter {
  has(digest: string): boolean;
  addModel(digest: string, bytes: Uint8Array): Promise<void>;
  addVersion(modelId: string, version: ExportedVersion): Promise<void>;
  /** Last, so that an export without it was cut off; only then the file has its name. */
  finish(index: ExportIndex): Promise<void>;
  /** Nothing stays. */
  abandon(): Promise<void>;
}

/** @throws where the file cannot be made. */
export async function createArchive(path: string): Promise<ArchiveWriter> {
  const unfinished = `${path}.unfinished`;
  // A trade secret, perhaps: for its owner alone.
  const file = await open(unfinished, 'w', 0o600);
  const pack = tar.pack();
  const written = (async () => {
    for await (const chunk of pack as AsyncIterable<Uint8Array>) await file.write(chunk);
    await file.close();
  })();
  // Heard where it is awaited.
  written.catch(() => undefined);
  const digests = new Set<string>();
  // Through a sink, which waits for the disk; an entry given whole would be held in memory.
  const add = (name: string, bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      const header = { name, size: bytes.length, mode: 0o600, mtime: new Date() };
      pack.entry(header, (error) => (error ? reject(error) : resolve())).end(bytes);
      written.catch(reject);
    });
  return {
    has: (digest) => digests.has(digest),
    async addModel(digest, bytes) {
      digests.add(digest);
      await add(toOnnxName(digest), bytes);
    },
    addVersion: (modelId, version) => add(toVersionName(modelId, version.version), toJson(version)),
    async finish(index) {
      await add(INDEX, toJson(index));
      pack.finalize();
      await written;
      await rename(unfinished, path);
    },
    async abandon() {
      pack.destroy();
      await written.catch(() => undefined);
      await file.close().catch(() => undefined);
      await rm(unfinished, { force: true });
    },
  };
}

export interface Archive {
  readonly index: ExportIndex;
  getVersion(modelId: string, version: number): Promise<ExportedVersion>;
  getModel(digest: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Removes the folder. */
  close(): Promise<void>;
}

/** @throws ArchiveFault, before anything was imported, where something is missing or not what it says. */
export async function openArchive(path: string): Promise<Archive> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-import-'));
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const names = await unpack(path, folder);
    if (!names.has(INDEX))
      throw new ArchiveFault('It is no export of Postern, or was cut off: export.json is missing.');
    const parsed = indexSchema.safeParse(await readJson(join(folder, INDEX)));
    if (!parsed.success) throw new ArchiveFault(`Its export.json cannot be read: ${z.prettifyError(parsed.error)}`);
    const index = parsed.data;
    for (const { id, versions } of index.models) {
      for (const { version, digest } of versions) {
        const missing = [toVersionName(id, version), toOnnxName(digest)].find((name) => !names.has(name));
        if (missing !== undefined) throw new ArchiveFault(`It is not whole: ${missing} is missing.`);
      }
    }
    return {
      index,
      async getVersion(modelId, version) {
        const name = toVersionName(modelId, version);
        const parsed = versionSchema.safeParse(await readJson(join(folder, name)));
        if (parsed.success) return parsed.data;
        throw new ArchiveFault(`Its ${name} cannot be read: ${z.prettifyError(parsed.error)}`);
      },
      getModel: async (digest) => new Uint8Array(await readFile(join(folder, toOnnxName(digest)))),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @returns the names of its files, each of them in the folder. */
async function unpack(path: string, folder: string): Promise<ReadonlySet<string>> {
  const file = await open(path);
  const names = new Set<string>();
  const extract = tar.extract();
  const fed = (async () => {
    for await (const chunk of file.createReadStream()) {
      if (!extract.write(chunk)) await new Promise((resolve) => extract.once('drain', () => resolve(undefined)));
    }
    extract.end(undefined);
  })();
  fed.catch((error) => extract.destroy(error));
  try {
    for await (const entry of extract) {
      const { name, type } = entry.header;
      // Its names become paths.
      if (type !== 'file' || !NAME.test(name)) throw new ArchiveFault(`It holds what no export does: ${name}`);
      const bytes = await buffer(entry as AsyncIterable<Uint8Array>);
      const digest = /^onnx\/(.*)\.onnx$/.exec(name)?.[1];
      if (digest !== undefined && createHash('sha256').update(bytes).digest('hex') !== digest) {
        throw new ArchiveFault(`It is damaged: ${name} has another SHA-256.`);
      }
      const target = join(folder, name);
      await mkdir(join(target, '..'), { recursive: true });
      const out = await open(target, 'wx', 0o600);
      await out.write(bytes);
      await out.close();
      names.add(name);
    }
  } catch (error) {
    if (error instanceof ArchiveFault) throw error;
    throw new ArchiveFault(`It is no whole tar file: ${error instanceof Error ? error.message : error}`);
  } finally {
    await file.close().catch(() => undefined);
  }
  return names;
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return null;
  }
}

function toJson(value: object): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}
