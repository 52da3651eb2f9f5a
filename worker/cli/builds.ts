// Both Workers built as they are uploaded, below dist/: the API's bundle with a configuration of its own, in which the ids of
// a Cloudflare account stand (never in wrangler.toml), and the playground, whose configuration Vite writes.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { experimental_readRawConfig, type Unstable_RawConfig } from 'wrangler';
import { DeployFault, type Wrangler } from './cloudflare.ts';
import { buildPlayground, PLAYGROUND_CONFIG } from './playground.ts';
import { ROOT } from './state.ts';

const SOURCE = join(ROOT, 'wrangler.toml');
export const OUT = join(ROOT, 'dist/deploy');
const CONFIG = join(OUT, 'wrangler.json');
/** What only a build needs: it is done. */
const BUILD_KEYS = ['$schema', 'alias', 'build', 'define', 'keep_names', 'minify', 'tsconfig', 'base_dir'];

export interface BuiltWorker {
  readonly name: string;
  readonly config: string;
  /** KiB, as Wrangler counts them. */
  readonly size: number;
  readonly gzip: number;
  /** What Wrangler says it would bind. */
  readonly bindings: string;
}

export interface Builds {
  readonly api: BuiltWorker & {
    /** Of the KV namespaces it binds, as they are called in wrangler.toml in place of an id. */
    readonly namespaces: readonly string[];
    /** @param ids of the namespaces, by title. */
    writeConfig(ids: ReadonlyMap<string, string>): Promise<void>;
  };
  readonly playground: BuiltWorker;
}

/**
 * Offline.
 * @param getPlayground builds it, and answers where its configuration is.
 * @throws DeployFault with what a build said.
 */
export async function buildWorkers(wrangler: Wrangler, getPlayground = buildOwn): Promise<Builds> {
  const raw: Unstable_RawConfig = experimental_readRawConfig({ config: SOURCE }).rawConfig;
  const kv = raw.kv_namespaces ?? [];
  const namespaces = kv.map(({ id }) => id ?? '');
  const name = raw.name ?? 'postern';
  // What lies there from an earlier build would be uploaded as well.
  await rm(OUT, { recursive: true, force: true });
  await build(wrangler, name, SOURCE, ['--outdir', OUT]);
  const writeConfig = (ids: ReadonlyMap<string, string>): Promise<void> => {
    const kept = Object.entries(raw).filter(([key]) => !BUILD_KEYS.includes(key));
    const config = {
      ...Object.fromEntries(kept),
      main: 'index.js',
      no_bundle: true,
      kv_namespaces: kv.map((binding) => ({ ...binding, id: ids.get(binding.id ?? '') ?? binding.id })),
    };
    return writeFile(CONFIG, `${JSON.stringify(config, null, 2)}\n`);
  };
  await writeConfig(new Map());
  const [api, playground] = await Promise.all([
    build(wrangler, name, CONFIG),
    getPlayground().then(async (config) => {
      const { name } = JSON.parse(await readFile(config, 'utf8')) as { name: string };
      return build(wrangler, name, config);
    }),
  ]);
  return { api: { ...api, namespaces, writeConfig }, playground };
}

async function buildOwn(): Promise<string> {
  await buildPlayground();
  return PLAYGROUND_CONFIG;
}

async function build(
  wrangler: Wrangler,
  name: string,
  config: string,
  more: readonly string[] = [],
): Promise<BuiltWorker> {
  const { code, out, err } = await wrangler(['deploy', '--dry-run', '--config', config, ...more]);
  const [, size, gzip] = /Total Upload: ([\d.]+) KiB \/ gzip: ([\d.]+) KiB/.exec(out) ?? [];
  if (code !== 0 || size === undefined) throw new DeployFault(`${name} cannot be built:\n${out}${err}`.trim());
  const bindings = /^Your Worker has access to the following bindings:\n(.*?)\n\n/ms.exec(out)?.[1] ?? '';
  return { name, config, size: Number(size), gzip: Number(gzip), bindings };
}
