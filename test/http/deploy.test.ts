// `npm run deploy` with the real Wrangler against a Cloudflare that is held in memory: from nothing to both Workers, and over
// them again. What was uploaded is run, under the address it was given, with the secrets it was given.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Builds, buildWorkers, OUT } from '../../worker/cli/builds.ts';
import { openCloudflare, type Wrangler } from '../../worker/cli/cloudflare.ts';
import { deploy } from '../../worker/cli/deployment.ts';
import { openDeploymentState } from '../../worker/cli/deployment-state.ts';
import { runWrangler } from '../../worker/cli/processes.ts';
import { ROOT } from '../support/build.ts';
import { ACCOUNT_ID, type FakeCloudflare, startCloudflare } from '../support/cloudflare.ts';
import { startWorker, type TestWorker } from '../support/worker.ts';

/** About sixteen runs of Wrangler. */
const SEVERAL_RUNS_MS = 240_000;

const ADDRESS = 'https://postern.tester.workers.dev';
const QUERY = '?sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0';
const ANSWER = '{"prediction":"Iris-virginica","probability":[0.39285714,0.10714286,0.5]}';

const folder = mkdtempSync(join(tmpdir(), 'postern-deployment-'));
let cloudflare: FakeCloudflare;
let worker: TestWorker | null = null;
let builds: Builds;
/** Everything that was said, and every argument of a command. */
let said = '';

const wrangler: Wrangler = async (args, env = {}) => {
  const ended = await runWrangler(args, { ...env, ...cloudflare.env });
  said += `${args.join(' ')}\n${ended.out}${ended.err}`;
  return ended;
};
const secretsOf = (name: string) => cloudflare.secrets.get(name) ?? new Map<string, string>();

async function run(options: Partial<Parameters<typeof deploy>[3]> = {}) {
  const state = openDeploymentState(ACCOUNT_ID);
  return deploy(await openCloudflare(wrangler, undefined), state, builds, { rotate: false, ...options }, (sentence) => {
    said += `${sentence}\n`;
  });
}

beforeAll(async () => {
  vi.stubEnv('POSTERN_DEPLOYMENT', folder);
  cloudflare = await startCloudflare();
  // Its address leads to the modules that were built for the upload, with the secret that was uploaded.
  const direct = fetch;
  vi.stubGlobal('fetch', async (input: string | URL, init?: RequestInit) => {
    const url = String(input);
    if (!url.startsWith(ADDRESS)) return direct(input, init);
    worker ??= await startWorker({ build: OUT, adminToken: secretsOf('postern').get('ADMIN_TOKEN') ?? '' });
    return direct(url.replace(ADDRESS, worker.origin), init);
  });
  builds = await buildWorkers(wrangler);
}, SEVERAL_RUNS_MS);
afterAll(async () => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  await worker?.dispose();
  await cloudflare.close();
  rmSync(folder, { recursive: true, force: true });
});

it(
  'goes from nothing to both Workers, and is run again over them',
  async () => {
    const first = await run();
    expect(first).toEqual({
      api: ADDRESS,
      playground: 'https://postern-playground.tester.workers.dev',
      hasToken: true,
    });
    expect(cloudflare.unknown).toEqual([]);
    expect(cloudflare.namespaces.map(({ title }) => title)).toEqual(['postern-kv']);

    const [api] = cloudflare.uploads.get('postern') ?? [];
    expect(api?.metadata).toMatchObject({ main_module: 'index.js', migrations: { new_tag: 'v1' } });
    expect(api?.metadata.bindings).toContainEqual(
      expect.objectContaining({ name: 'KV', type: 'kv_namespace', namespace_id: cloudflare.namespaces[0]?.id }),
    );
    const built = readdirSync(OUT).filter((name) => /\.(js|wasm|onnx)$/.test(name));
    expect([...(api?.modules.keys() ?? [])].sort()).toEqual(built.sort());
    const [page] = cloudflare.uploads.get('postern-playground') ?? [];
    expect(page?.metadata.bindings).toContainEqual(expect.objectContaining({ name: 'API', service: 'postern' }));
    expect([...secretsOf('postern-playground').keys()].sort()).toEqual(['API_URL', 'DEMOS', 'SESSION_KEY']);
    expect(secretsOf('postern-playground').get('API_URL')).toBe(ADDRESS);
    const demos = JSON.parse(secretsOf('postern-playground').get('DEMOS') ?? '') as { slug: string; url: string }[];
    expect(demos.map(({ slug }) => slug)).toEqual(['iris']);
    expect(await (await fetch((demos[0]?.url ?? '') + QUERY)).text()).toBe(ANSWER);
    // As the playground wants it: 32 bytes.
    expect(Buffer.from(secretsOf('postern-playground').get('SESSION_KEY') ?? '', 'base64url').length).toBe(32);

    const before = structuredClone(cloudflare.secrets);
    expect(await run()).toEqual(first);
    expect(cloudflare.namespaces.length).toBe(1);
    expect(cloudflare.secrets).toEqual(before);
    expect(cloudflare.uploads.get('postern')?.length).toBe(2);
    // The migration has run.
    expect(cloudflare.uploads.get('postern')?.[1]?.metadata.migrations).toBeUndefined();
  },
  SEVERAL_RUNS_MS,
);

it('says no secret, gives none to a command, and keeps them for their owner alone', () => {
  const files = readdirSync(join(folder, ACCOUNT_ID));
  expect(files.sort()).toEqual(['account-token', 'admin-token', 'session-key', 'settings.json']);
  for (const file of files) expect(statSync(join(folder, ACCOUNT_ID, file)).mode & 0o077).toBe(0);
  const secrets = [...cloudflare.secrets.values()].flatMap((each) => [...each].filter(([name]) => name !== 'API_URL'));
  const token = readFileSync(join(folder, ACCOUNT_ID, 'account-token'), 'utf8').trim();
  const values = [...secrets.map(([, value]) => value), token];
  expect(values.length).toBe(4);
  expect(said).not.toMatch(/pipeline_[0-9a-z]{32}/);
  const logs = join(ROOT, '.wrangler/logs');
  const written = readdirSync(logs).map((name) => readFileSync(join(logs, name), 'utf8'));
  for (const value of values) {
    expect(said.includes(value)).toBe(false);
    expect(written.some((text) => text.includes(value))).toBe(false);
  }
  // Nor an id of an account in what is committed.
  expect(readFileSync(join(ROOT, 'wrangler.toml'), 'utf8')).not.toMatch(/[0-9a-f]{32}/);
});

it('rehearses a deployment without an account and without the network', () => {
  const nowhere = { CLOUDFLARE_API_BASE_URL: 'http://127.0.0.1:9/client/v4', CLOUDFLARE_API_TOKEN: '' };
  const env = { ...process.env, ...nowhere, NO_COLOR: '1' };
  const said = execFileSync('npm', ['run', '--silent', 'deploy', '--', '--dry-run'], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
  });
  expect(said).toMatch(/^postern: [\d,]+ KiB of 65,536, [\d,]+ KiB gzipped$/m);
  expect(said).toMatch(/^postern-playground: \d+ KiB of 65,536, \d+ KiB gzipped$/m);
  for (const binding of ['env.KV', 'env.ACCOUNTS', 'env.API', 'env.ASSETS']) expect(said).toContain(binding);
  expect(said).toContain('Nothing was deployed.');
});
