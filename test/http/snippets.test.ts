// Every snippet of "Use it from your server" is run as a person would run it, where the machine has its interpreter: it prints
// what the pipeline answers, and ends with the pipeline's own words where a value is wrong.
import { execFile, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../playground/src/snippets/languages.ts';
import type { Language, SnippetRequest, SnippetRow } from '../../playground/src/snippets/request.ts';
import { createApi } from '../../worker/cli/client.ts';
import { seedDemos } from '../../worker/cli/demos.ts';
import type { Manifest } from '../../worker/pipeline/manifest.ts';
import { type CaseRow, FIXTURES_ROOT, readCase } from '../support/corpus.ts';
import { createOwner } from '../support/owner.ts';
import { ROOT } from '../support/start.ts';
import { startWorker, type TestWorker } from '../support/worker.ts';

/** Pythons of which one has requests: Debian's is not always the first. */
const PYTHON = ['python3', '/usr/bin/python3'].find((each) => has(each, '-c', 'import requests'));

/** How each language is asked whether it is there, and run. */
const RUN: Readonly<Record<string, { there: boolean; command: (file: string) => [string, string[]] }>> = {
  curl: { there: has('curl', '--help', 'all') && hasCurlJson(), command: (file) => ['sh', [file]] },
  python: { there: PYTHON !== undefined, command: (file) => [PYTHON ?? '', [file]] },
  javascript: { there: true, command: (file) => [process.execPath, [file]] },
  php: { there: has('php', '-r', 'exit(extension_loaded("curl") ? 0 : 1);'), command: (file) => ['php', [file]] },
  ruby: { there: has('ruby', '-e', ''), command: (file) => ['ruby', [file]] },
  go: { there: has('go', 'version'), command: (file) => ['go', ['run', file]] },
  r: { there: has('Rscript', '-e', 'library(httr2); library(jsonlite)'), command: (file) => ['Rscript', [file]] },
  java: { there: has('java', '-version'), command: (file) => ['java', [file]] },
};

function has(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** Since 7.82. */
function hasCurlJson(): boolean {
  return spawnSync('curl', ['--help', 'all'], { encoding: 'utf8' }).stdout.includes('--json');
}

const HOSTILE = `it's "quoted" \\n \\u0041 $HOME #{1 + 1} \${x} %s é 漢 🌷 """ ''' \` <?php {} \nnext\tline`;

/** The window of the museum as one feature. */
const SERIES: Manifest = {
  manifest_version: 1,
  task: 'forecasting',
  features: [{ name: 'history', type: 'number', length: 12 }],
  inputs: [{ name: 'history', dtype: 'float32', shape: [null, 12], features: ['history'] }],
  output: { value: { tensors: ['forecast'] } },
  batch: 'dynamic',
};

let worker: TestWorker;
let folder = '';
const urls: Record<string, string> = {};

beforeAll(async () => {
  worker = await startWorker();
  folder = mkdtempSync(join(tmpdir(), 'postern-snippets-'));
  copyFileSync(join(ROOT, 'playground/demos/digits/samples/drawn-7-200.png'), join(folder, 'image.png'));
  urls.iris = (await worker.publishTutorial()).url;
  const series = new Uint8Array(readFileSync(join(ROOT, 'playground/demos/visitors/model.onnx')));
  urls.series = (await worker.publish({ manifest: SERIES }, series)).url;
  const owner = await createOwner(worker, 'standard');
  for (const name of ['bank-unicode', 'tickets-tfidf-regex']) {
    const { model, csv, label } = readCase(name, FIXTURES_ROOT);
    const { id } = await owner.add({ model, csv, label: label ?? undefined, name });
    urls[name] = (await owner.activate(id)).pipeline.url ?? '';
  }
  const { demos } = await seedDemos(createApi(worker.origin, owner.token), {});
  for (const { slug, url } of demos) urls[slug] = url;
}, 60_000);
afterAll(async () => {
  await worker?.dispose();
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

const [bank] = readCase('bank-unicode', FIXTURES_ROOT).rows;
function toRow(row: CaseRow | undefined): SnippetRow {
  return (row?.input ?? {}) as SnippetRow;
}

const iris = { sepalLength: 1, sepalWidth: 1, petalLength: 1.5, petalWidth: 2 };
const CASES: readonly { name: string; url: string; request: SnippetRequest }[] = [
  { name: 'numbers', url: 'iris', request: { row: iris, image: null } },
  {
    name: 'words, and a value that is left out',
    url: 'churn',
    request: {
      row: {
        contract: 'twoYears',
        tenureMonths: 48,
        monthlyCharge: 39.9,
        supportCalls: 0,
        paperless: 'yes',
        region: "l'été",
        lastLoginDays: null,
      },
      image: null,
    },
  },
  {
    name: 'truths',
    url: 'rent',
    request: {
      row: { district: 'oldTown', areaM2: 82.5, rooms: 3, floor: 2, builtYear: 1905, balcony: true, furnished: false },
      image: null,
    },
  },
  { name: 'an image', url: 'digits', request: { row: {}, image: { field: 'image', file: 'image.png' } } },
  {
    name: 'several numbers',
    url: 'series',
    request: {
      row: { history: [19258, 20010, 25681.5, 29956, 31039, 30690, 37862, 40563, 29733, 1, 2, 33711] },
      image: null,
    },
  },
  { name: 'names of all kinds', url: 'bank-unicode', request: { row: toRow(bank), image: null } },
  {
    name: 'a text of everything',
    url: 'tickets-tfidf-regex',
    request: { row: { 'ticket text': HOSTILE }, image: null },
  },
];

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

function run(language: Language, request: SnippetRequest, url: string): Promise<Ended> {
  writeFileSync(join(folder, language.file), language.write(request));
  const [command, args] = RUN[language.id]?.command(language.file) ?? ['', []];
  const env = {
    ...process.env,
    PIPELINE_URL: url,
    LC_ALL: 'C.UTF-8',
    NODE_NO_WARNINGS: '1',
    GOCACHE: join(folder, 'go'),
  };
  return new Promise((resolve) => {
    execFile(command, args, { cwd: folder, env, timeout: 120_000 }, (error, output, errors) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output, errors });
    });
  });
}

/** What the pipeline says to the same values, asked without any snippet. */
async function askDirectly({ row, image }: SnippetRequest, url: string): Promise<Response> {
  if (image !== null) {
    const body = readFileSync(join(folder, image.file));
    return fetch(url, { method: 'POST', headers: { 'Content-Type': 'image/png' }, body });
  }
  const there = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
  return fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(there),
  });
}

/** Of what Python and Node print of a map. */
function parsePrinted(text: string, id: string): unknown {
  if (id !== 'python' && id !== 'javascript') return JSON.parse(text);
  const answer = /prediction'?: (?:'([^']*)'|(\[[^\]]*\]|[-\d.e+]+))/.exec(text);
  const probability = /probability'?: (\[[^\]]*\])/s.exec(text)?.[1];
  const prediction = answer?.[1] ?? JSON.parse(answer?.[2]?.replaceAll(/\s+/g, ' ') ?? 'null');
  return { prediction, ...(probability === undefined ? {} : { probability: JSON.parse(probability) }) };
}

describe.each(LANGUAGES.filter(({ id }) => id !== 'hono'))('$name', (language) => {
  const skip = RUN[language.id]?.there !== true;
  if (skip) console.log(`The snippet of ${language.name} is not run: its interpreter is not on this machine.`);

  it('holds no URL and no secret', () => {
    for (const { request } of CASES) {
      expect(language.write(request)).toContain('PIPELINE_URL');
      expect(language.write(request)).not.toMatch(/https?:\/\/|pipeline_/);
    }
  });

  it.skipIf(skip).each(CASES)('$name', async ({ request, url }) => {
    const direct = await askDirectly(request, urls[url] ?? '');
    expect(direct.status).toBe(200);
    const { code, output, errors } = await run(language, request, urls[url] ?? '');
    expect(errors.replaceAll(urls[url] ?? '', '…')).toBe('');
    expect(code).toBe(0);
    expect(parsePrinted(output, language.id)).toEqual(await direct.json());
  });

  it.skipIf(skip)('a wrong value ends it, with the words of the pipeline', async () => {
    const request: SnippetRequest = { row: { ...iris, sepalWidth: '1,5' }, image: null };
    const { code, output, errors } = await run(language, request, urls.iris ?? '');
    expect(code).not.toBe(0);
    expect(output + errors).toContain('is not a number');
    expect(output + errors).not.toMatch(/pipeline_[0-9a-z]{8}/);
  });
});

describe('Page → Worker', () => {
  const [hono] = LANGUAGES.filter(({ id }) => id === 'hono');

  it.each(CASES)('$name', async ({ request, url }) => {
    const source = hono?.write(request) ?? '';
    const { outputFiles } = await build({
      stdin: { contents: source, resolveDir: ROOT },
      bundle: true,
      format: 'esm',
      write: false,
    });
    const proxy = new Miniflare({
      modules: true,
      script: outputFiles[0]?.text ?? '',
      compatibilityDate: '2026-05-03',
      bindings: { PIPELINE_URL: urls[url] ?? '' },
      cf: false,
    });
    const { origin } = await proxy.ready;
    const own = { Origin: origin, 'Sec-Fetch-Site': 'same-origin' };
    const { image, row } = request;
    const form = new FormData();
    if (image !== null) form.append(image.field, new Blob([readFileSync(join(folder, image.file))]), image.file);
    const there = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
    const body = image === null ? JSON.stringify(there) : form;
    const headers = { ...own, ...(image === null ? { 'Content-Type': 'application/json' } : {}) };
    const answer = await fetch(`${origin}/predict`, { method: 'POST', headers, body });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(await (await askDirectly(request, urls[url] ?? '')).json());
    const stranger = { 'Content-Type': 'application/x-www-form-urlencoded', Origin: 'https://example.com' };
    const refused = await fetch(`${origin}/predict`, { method: 'POST', headers: stranger, body: 'a=1' });
    expect(refused.status).toBe(403);
    await proxy.dispose();
  });
});
