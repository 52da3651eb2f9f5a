// The demo models of playground/demos in an account of their own, brought about by the management API: imported where they
// are missing, a new version where their files have changed, active again where they are not.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Api, ApiFailure } from './client.ts';
import { ROOT } from './state.ts';

const FOLDER = join(ROOT, 'playground/demos');
/** In the order in which the playground lists them. */
export const DEMOS = ['churn', 'rent', 'visitors', 'digits'] as const;
export type DemoName = (typeof DEMOS)[number];

/** demo.json: what an owner states beside the upload. */
interface Stated {
  readonly name: string;
  readonly question: string;
  /** Files of the folder. */
  readonly data?: string;
  readonly labels?: string;
  readonly label?: string | readonly string[];
  readonly manifest: object;
}

export interface Demo {
  readonly slug: DemoName;
  readonly name: string;
  readonly question: string;
  readonly form: FormData;
  /** Of all that is uploaded: another stamp is another version. */
  readonly stamp: string;
}

/** What was imported where, kept between starts. */
export type Imported = Readonly<Partial<Record<DemoName, { readonly id: string; readonly stamp: string }>>>;

export async function readDemo(slug: DemoName): Promise<Demo> {
  const hash = createHash('sha256');
  const read = async (file: string): Promise<Uint8Array<ArrayBuffer>> => {
    const bytes = new Uint8Array(await readFile(join(FOLDER, slug, file)));
    hash.update(bytes);
    return bytes;
  };
  const stated = JSON.parse(new TextDecoder().decode(await read('demo.json'))) as Stated;
  const form = new FormData();
  form.set('model', new File([await read('model.onnx')], `${slug}.onnx`));
  for (const key of ['data', 'labels'] as const) {
    const file = stated[key];
    if (file !== undefined) form.set(key, new File([await read(file)], file));
  }
  for (const label of [stated.label ?? []].flat()) form.append('label', label);
  form.set('name', stated.name);
  form.set('manifest', JSON.stringify(stated.manifest));
  return { slug, name: stated.name, question: stated.question, form, stamp: hash.digest('hex') };
}

/**
 * Brings the four about.
 * @returns what to remember, and the URL of each.
 * @throws ApiFailure
 */
export async function seedDemos(
  api: Api,
  known: Imported,
): Promise<{ imported: Imported; demos: { slug: DemoName; url: string; title: string; question: string }[] }> {
  const seeded = await Promise.all(
    DEMOS.map(async (slug) => {
      const demo = await readDemo(slug);
      const id = await ensureImported(api, demo, known[slug]);
      const url = await api.activate(id);
      return { slug, url, title: demo.name, question: demo.question, imported: { id, stamp: demo.stamp } };
    }),
  );
  return {
    imported: Object.fromEntries(seeded.map(({ slug, imported }) => [slug, imported])),
    demos: seeded.map(({ imported: _, ...demo }) => demo),
  };
}

async function ensureImported(api: Api, demo: Demo, known: Imported[DemoName]): Promise<string> {
  const model = known === undefined ? null : await findModel(api, known.id);
  if (model === null) return (await api.upload('/v1/models', demo.form)).id;
  if (known?.stamp !== demo.stamp) await api.upload(`/v1/models/${model.id}/versions`, demo.form);
  return model.id;
}

async function findModel(api: Api, id: string): Promise<{ id: string } | null> {
  try {
    return await api.getModel(id);
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 404) return null;
    throw error;
  }
}
