// The demo models of playground/demos, brought about by the management API: imported where they are missing, a new version
// where their files have changed, active again where they are not.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Api, ApiFailure } from './client.ts';
import { ROOT } from './state.ts';

const TRIES = 4;
const RETRY_MS = 500;

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

/** What it asks of the account. */
export type DemosApi = Pick<Api, 'listModels' | 'upload' | 'activate'>;

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

/** An entry of the playground's secret DEMOS. */
export interface LiveDemo {
  readonly slug: DemoName;
  readonly url: string;
  readonly title: string;
  readonly question: string;
}

export interface Seeded {
  /** To be kept until the next start. */
  readonly imported: Imported;
  readonly demos: readonly LiveDemo[];
  /** A sentence for each that could not be brought about. */
  readonly failures: readonly string[];
}

/** Brings the four about, each by itself: one that fails keeps none of the others back. */
export async function seedDemos(api: DemosApi, known: Imported): Promise<Seeded> {
  const failures: string[] = [];
  const attempt = async <T>(slug: DemoName, work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      failures.push(`The demo "${slug}" is left out: ${error instanceof Error ? error.message : error}`);
      return null;
    }
  };
  const present: { demo: Demo; id: string }[] = [];
  // One after the other: imports share a thread, and connections that wait too long behind one are lost.
  for (const slug of DEMOS) {
    const found = await attempt(slug, async () => {
      const demo = await readDemo(slug);
      return { demo, id: await ensureImported(api, demo, known[slug]) };
    });
    if (found !== null) present.push(found);
  }
  const urls = await Promise.all(present.map(({ demo, id }) => attempt(demo.slug, () => api.activate(id))));
  return {
    imported: {
      ...known,
      ...Object.fromEntries(present.map(({ demo, id }) => [demo.slug, { id, stamp: demo.stamp }])),
    },
    demos: present.flatMap(({ demo: { slug, name, question } }, i) => {
      const url = urls[i];
      return url == null ? [] : [{ slug, url, title: name, question }];
    }),
    failures,
  };
}

/** @returns the model's id. @throws ApiFailure */
async function ensureImported(api: DemosApi, demo: Demo, known: Imported[DemoName]): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    const models = await api.listModels();
    const model = models.find(({ id }) => id === known?.id) ?? models.find(({ name }) => name === demo.name);
    try {
      if (model === undefined) return (await api.upload('/v1/models', demo.form)).id;
      if (known?.stamp !== demo.stamp) await api.upload(`/v1/models/${model.id}/versions`, demo.form);
      return model.id;
    } catch (error) {
      // Busy, or lost on its way: what has arrived nevertheless is found by its name.
      if (tries === TRIES || !(error instanceof ApiFailure && error.status === 503)) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
