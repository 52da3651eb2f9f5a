// The demos: which slug stands for which secret URL, from the secret DEMOS; and what the page is told of them.
import type { PipelineSchema } from '../../worker/contract.ts';
import type { Demo } from '../wire.ts';
import type { Bindings } from './env.ts';
import { Refusal } from './errors.ts';
import { LIMITS } from './limits.ts';
import { callApi } from './upstream.ts';

/** One entry of DEMOS. */
export interface ConfiguredDemo {
  readonly slug: string;
  readonly url: string;
  readonly title?: string;
  readonly question?: string;
}

const SLUG = /^[a-z0-9-]{1,40}$/;
/** `/schema` and query strings are put behind it. */
const PIPELINE_URL = /^https?:\/\/[\w.:[\]-]+\/api\/pipeline_[0-9a-z]{32}$/;

/** @throws Refusal not_configured, naming the entry that is wrong but none of its values. */
export function parseDemos(text: string | undefined): ConfiguredDemo[] {
  let list: unknown;
  try {
    list = JSON.parse(text ?? '[]');
  } catch {
    throw notConfigured('it is not valid JSON');
  }
  if (!Array.isArray(list)) throw notConfigured('it is not a list');
  const seen = new Set<string>();
  return list.map((entry: unknown, i) => {
    const { slug, url, title, question } = (entry ?? {}) as Partial<Record<keyof ConfiguredDemo, unknown>>;
    if (typeof slug !== 'string' || !SLUG.test(slug)) throw notConfigured(`entry ${i + 1} has no slug such as "churn"`);
    if (seen.has(slug)) throw notConfigured(`entry ${i + 1} has the slug of another`);
    if (typeof url !== 'string' || !PIPELINE_URL.test(url)) throw notConfigured(`entry ${i + 1} has no prediction URL`);
    seen.add(slug);
    return {
      slug,
      url,
      ...(typeof title === 'string' ? { title } : {}),
      ...(typeof question === 'string' ? { question } : {}),
    };
  });
}

/** @throws Refusal demo_not_found */
export function getDemo(env: Bindings, slug: string): ConfiguredDemo {
  const demo = parseDemos(env.DEMOS).find((each) => each.slug === slug);
  if (demo === undefined) throw new Refusal('demo_not_found', 'The playground has no model of this name.');
  return demo;
}

/** What was said of demos lately, by slug; finished values only, never a promise. */
const remembered = new Map<string, { url: string; demo: Demo; until: number }>();

/** The demos that answer, in the order of DEMOS. */
export async function listDemos(env: Bindings, requestId: string): Promise<Demo[]> {
  const described = await Promise.all(
    parseDemos(env.DEMOS).map(async (configured) => {
      const known = remembered.get(configured.slug);
      if (known !== undefined && known.url === configured.url && known.until > Date.now()) return known.demo;
      const demo = await describe(env, configured, requestId);
      const until = Date.now() + LIMITS.DEMO_SECONDS * 1000;
      if (demo !== null) remembered.set(configured.slug, { url: configured.url, demo, until });
      return demo;
    }),
  );
  return described.filter((demo) => demo !== null);
}

async function describe(env: Bindings, demo: ConfiguredDemo, requestId: string): Promise<Demo | null> {
  const { slug, url, title, question } = demo;
  try {
    const response = await callApi(env, { method: 'GET', url: `${url}/schema`, headers: {}, requestId });
    if (!response.ok) throw new Refusal('api_unreachable', `status ${response.status}`);
    const schema = (await response.json()) as PipelineSchema;
    const image = schema.features.some(({ type }) => type === 'image');
    return {
      slug,
      title: title ?? schema.name,
      ...(question === undefined ? {} : { question }),
      task: schema.task,
      input: image ? 'image' : schema.task === 'forecasting' ? 'series' : 'table',
    };
  } catch (error) {
    console.warn(`The demo "${slug}" is left out: ${error instanceof Refusal ? error.message : 'no schema came'}.`);
    return null;
  }
}

function notConfigured(why: string): Refusal {
  return new Refusal(
    'not_configured',
    `The secret DEMOS cannot be used: ${why}. It is set with: npx wrangler secret put DEMOS`,
  );
}
