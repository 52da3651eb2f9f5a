// What a deployment decides, against a Wrangler and an API held in memory: what is found, made, set and kept, and what is
// said where something is missing. The real Wrangler is run in test/http/deploy.test.ts.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Builds } from '../../../worker/cli/builds.ts';
import { DeployFault, openCloudflare, type Wrangler } from '../../../worker/cli/cloudflare.ts';
import { type DeployOptions, deploy } from '../../../worker/cli/deployment.ts';
import { openDeploymentState } from '../../../worker/cli/deployment-state.ts';

const ID = 'c'.repeat(32);
const API = 'https://postern.tester.workers.dev';
const TOKEN = `postern_${'0'.repeat(48)}`;
const TUTORIAL = `${API}/api/pipeline_${'0'.repeat(32)}`;

let folder = '';
let accounts: { id: string; name: string }[] = [];
let namespaces: { id: string; title: string }[] = [];
const secrets = new Map<string, Record<string, string>>();
const calls: string[] = [];
/** What the API knows. */
let tokens = new Set<string>();
let fails: string | null = null;

const wrangler: Wrangler = async (args, env = {}) => {
  const call = args.join(' ');
  calls.push(call);
  const ok = (value?: unknown) => ({ code: 0, out: value === undefined ? '' : JSON.stringify(value), err: '' });
  const no = (err: string) => ({ code: 1, out: '', err });
  if (fails !== null && call.startsWith(fails)) return no('Cloudflare says no.');
  if (call === 'whoami --json') {
    return accounts.length === 0 ? { ...no(''), out: '{"loggedIn":false}' } : ok({ loggedIn: true, accounts });
  }
  expect(env.CLOUDFLARE_ACCOUNT_ID).toBe(ID);
  if (call === 'kv namespace list') return ok(namespaces);
  if (call.startsWith('kv namespace create ')) {
    namespaces.push({ id: 'f'.repeat(32), title: args[3] ?? '' });
    return ok();
  }
  if (call.startsWith('secret list --name ')) {
    const known = secrets.get(args[3] ?? '');
    return known === undefined
      ? no(`Worker "${args[3]}" not found.`)
      : ok(Object.keys(known).map((name) => ({ name, type: 'secret_text' })));
  }
  const file = args[args.indexOf('--secrets-file') + 1] ?? '';
  const worker = args[2] ?? '';
  const set = args.includes('--secrets-file') ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {};
  secrets.set(worker, { ...secrets.get(worker), ...set });
  const entry = { type: 'deploy', version: 1, targets: [`https://${worker}.tester.workers.dev`] };
  writeFileSync(env.WRANGLER_OUTPUT_FILE_PATH ?? '', `${JSON.stringify(entry)}\n`);
  return ok();
};

/** The API, as far as a deployment asks it. */
async function answer(input: string | URL, init: RequestInit = {}): Promise<Response> {
  const url = new URL(input);
  const token = new Headers(init.headers).get('Authorization')?.replace('Bearer ', '') ?? '';
  if (url.pathname === '/health/ready') return Response.json({});
  if (url.pathname === '/v1/accounts') {
    if (token !== secrets.get('postern')?.ADMIN_TOKEN) return Response.json({ message: 'no admin' }, { status: 401 });
    tokens.add(TOKEN);
    return Response.json({ token: TOKEN }, { status: 201 });
  }
  if (!tokens.has(token)) return Response.json({ message: 'no owner' }, { status: 401 });
  return Response.json({ id: 'model_tutorial', name: 'Iris', pipeline: { status: 'active', url: TUTORIAL } });
}

const written: ReadonlyMap<string, string>[] = [];
const built = { size: 1, gzip: 1, bindings: '' };
const builds: Builds = {
  api: {
    ...built,
    name: 'postern',
    config: 'postern',
    namespaces: ['postern-kv'],
    writeConfig: async (ids) => {
      written.push(ids);
    },
  },
  playground: { ...built, name: 'postern-playground', config: 'postern-playground' },
};

let said: string[] = [];
const run = async (options: Partial<DeployOptions> = {}) =>
  deploy(
    await openCloudflare(wrangler, undefined),
    openDeploymentState(ID),
    builds,
    { rotate: false, ...options },
    (sentence) => said.push(sentence),
  );

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-deployment-'));
  vi.stubEnv('POSTERN_DEPLOYMENT', folder);
  vi.stubGlobal('fetch', answer);
  accounts = [{ id: ID, name: 'Mine' }];
  namespaces = [];
  secrets.clear();
  tokens = new Set();
  fails = null;
  said = [];
  calls.length = 0;
  written.length = 0;
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('what is missing is said', () => {
  it('nobody is signed in', async () => {
    accounts = [];
    await expect(run()).rejects.toThrow(/npx wrangler login.*CLOUDFLARE_API_TOKEN/);
    expect(calls).toEqual(['whoami --json']);
  });

  it('there are several accounts, and none or a wrong one is named', async () => {
    const other = { id: 'd'.repeat(32), name: 'Theirs' };
    accounts.push(other);
    await expect(run()).rejects.toThrow(/CLOUDFLARE_ACCOUNT_ID=….*Mine.*Theirs/s);
    expect((await openCloudflare(wrangler, other.id)).account).toEqual(other);
    await expect(openCloudflare(wrangler, 'e'.repeat(32))).rejects.toThrow(/There are:.*Mine/s);
  });

  it('Cloudflare refuses: in its own words, and the next run goes on from there', async () => {
    for (const step of ['kv namespace create', 'deploy --config postern', 'deploy --config postern-playground']) {
      fails = step;
      await expect(run()).rejects.toThrow(DeployFault);
      await expect(run()).rejects.toThrow('Cloudflare says no.');
    }
    fails = null;
    expect(await run()).toMatchObject({ hasToken: true });
    expect(namespaces.length).toBe(1);
    expect(said.filter((sentence) => sentence.includes('is made, and kept')).length).toBe(2);
    expect(said.filter((sentence) => sentence.startsWith('The account')).length).toBe(1);
  });
});

describe('over a deployment', () => {
  it('that this folder knows: the same namespace and secrets', async () => {
    await run();
    const before = structuredClone([...secrets]);
    said = [];
    await run();
    expect([...secrets]).toEqual(before);
    expect(written.map((ids) => ids.get('postern-kv'))).toEqual(['f'.repeat(32), 'f'.repeat(32)]);
    expect(said.join('\n')).not.toContain('made');
  });

  it('that was made elsewhere: its secrets stay, and it is said what cannot be done', async () => {
    await run();
    const before = structuredClone([...secrets]);
    vi.stubEnv('POSTERN_DEPLOYMENT', join(folder, 'another-machine'));
    said = [];
    expect(await run()).toEqual({
      api: API,
      playground: 'https://postern-playground.tester.workers.dev',
      hasToken: false,
    });
    expect([...secrets]).toEqual(before);
    expect(said).toContainEqual(expect.stringContaining('--new-secrets'));
  });

  it('with new secrets: both are others, and the account stays', async () => {
    await run();
    const [admin, session] = [secrets.get('postern')?.ADMIN_TOKEN, secrets.get('postern-playground')?.SESSION_KEY];
    expect(await run({ rotate: true })).toMatchObject({ hasToken: true });
    expect(secrets.get('postern')?.ADMIN_TOKEN).not.toBe(admin);
    expect(secrets.get('postern-playground')?.SESSION_KEY).not.toBe(session);
    expect(tokens.size).toBe(1);
  });

  it('whose account token was rotated: no second account is made', async () => {
    await run();
    tokens = new Set(['another']);
    const { DEMOS } = secrets.get('postern-playground') ?? {};
    expect(await run()).toMatchObject({ hasToken: false });
    expect(said).toContainEqual(expect.stringContaining('was rotated elsewhere'));
    expect(secrets.get('postern-playground')?.DEMOS).toBe(DEMOS);
  });
});

it('keeps what was asked for once', async () => {
  await run({ domain: 'predict.example.com' });
  expect(await run({ playgroundDomain: 'play.example.com' })).toMatchObject({
    api: 'https://predict.example.com',
    playground: 'https://play.example.com',
  });
  expect(calls.at(-1)).toMatch(/--domain play\.example\.com$/);
  expect(calls.findLast((call) => call.startsWith('deploy --config postern '))).toMatch(
    /--domain predict\.example\.com$/,
  );
  expect(secrets.get('postern-playground')?.API_URL).toBe('https://predict.example.com');
});

it('leaves no file of secrets but those it keeps, also where the upload fails', async () => {
  fails = 'deploy --config postern';
  await expect(run()).rejects.toThrow();
  const file = calls.at(-1)?.match(/--secrets-file (\S+)/)?.[1] ?? '';
  expect(file).toContain(join(folder, ID));
  expect(() => readFileSync(file)).toThrow();
  for (const call of calls) expect(call).not.toContain(readFileSync(join(folder, ID, 'admin-token'), 'utf8').trim());
});
