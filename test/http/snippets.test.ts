// Every snippet of "Use it from your server" is run as a person runs it, where the machine has its interpreter: it prints what
// the pipeline answers, and ends with the pipeline's own words where a value is wrong. No URL is ever printed.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../playground/src/snippets/languages.ts';
import type { SnippetImage, SnippetRequest, SnippetRow } from '../../playground/src/snippets/request.ts';
import { createApi } from '../../worker/cli/client.ts';
import { seedDemos } from '../../worker/cli/demos.ts';
import { FIXTURES_ROOT, readCase } from '../support/corpus.ts';
import { isThere, parsePrinted, runSnippet, runText } from '../support/interpreters.ts';
import { createOwner } from '../support/owner.ts';
import { ask, HOSTILE, photoAndColumns, SERIES } from '../support/snippet-cases.ts';
import { ROOT } from '../support/start.ts';
import { startWorker, type TestWorker } from '../support/worker.ts';

let worker: TestWorker;
let echo: Server;
/** The last request that `echo` got: its JSON, or its query. */
let heard: { json: unknown; query: URLSearchParams } | undefined;
const folder = mkdtempSync(join(tmpdir(), 'postern-snippets-'));
const urls: Record<string, string> = {};
/** Nothing listens at this port; the path looks like a secret. */
const NOWHERE = `http://127.0.0.1:1/api/pipeline_${'0'.repeat(32)}`;

beforeAll(async () => {
  copyFileSync(join(ROOT, 'playground/demos/digits/samples/drawn-7-200.png'), join(folder, 'image.png'));
  writeFileSync(join(folder, 'image.jpg'), 'no image at all');
  echo = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const isJson = request.headers['content-type']?.startsWith('application/json') === true;
    heard = { json: isJson ? JSON.parse(body) : null, query: new URL(request.url ?? '', 'http://x').searchParams };
    response.setHeader('Content-Type', 'application/json').end('{"prediction":1}');
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  urls.echo = `http://127.0.0.1:${(echo.address() as AddressInfo).port}/`;

  worker = await startWorker();
  urls.iris = (await worker.publishTutorial()).url;
  const series = new Uint8Array(readFileSync(join(ROOT, 'playground/demos/visitors/model.onnx')));
  urls.series = (await worker.publish({ manifest: SERIES }, series)).url;
  urls.photo = (await worker.publish(...photoAndColumns())).url;
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
  echo?.close();
  rmSync(folder, { recursive: true, force: true });
});

const iris = { sepalLength: 1, sepalWidth: 1, petalLength: 1.5, petalWidth: 2 };
const png: SnippetImage = { feature: 'image', file: 'image.png', type: 'image/png' };
const table = (row: SnippetRow): SnippetRequest => ({ row, image: null });
const CASES: readonly { name: string; url: string; request: SnippetRequest }[] = [
  { name: 'numbers', url: 'iris', request: table(iris) },
  {
    name: 'words, one of them new, and a value that is missing',
    url: 'churn',
    request: table({
      contract: 'twoYears',
      tenureMonths: 48,
      monthlyCharge: 39.9,
      supportCalls: 0,
      paperless: 'yes',
      region: "l'été 北",
      lastLoginDays: null,
    }),
  },
  {
    name: 'truths',
    url: 'rent',
    request: table({
      district: 'oldTown',
      areaM2: 82.5,
      rooms: 3,
      floor: 2,
      builtYear: 1905,
      balcony: true,
      furnished: false,
    }),
  },
  {
    name: 'a vector',
    url: 'series',
    request: table({ history: [19258, 20010, 25681.5, 29956, 31039, 30690, 37862, 40563, 29733, 1, 2, 33711] }),
  },
  {
    name: 'names of all kinds',
    url: 'bank-unicode',
    request: table((readCase('bank-unicode', FIXTURES_ROOT).rows[0]?.input ?? {}) as SnippetRow),
  },
  { name: 'a text of everything', url: 'tickets-tfidf-regex', request: table({ 'ticket text': HOSTILE.join('') }) },
  { name: 'an image', url: 'digits', request: { row: {}, image: png } },
  {
    name: 'an image with columns, one of them a vector',
    url: 'photo',
    request: { row: { 'größe "cm" = $1': 7.5, pair: [1, 2], gone: null }, image: { ...png, feature: "the 'photo'" } },
  },
];

/** Without what R and Java do to a long line: breaks, bullets, the escapes of JSON. */
const squeeze = (text: string): string => text.replaceAll(/[\s\\•]/g, '');

describe.each(LANGUAGES.filter(({ id }) => id !== 'hono'))('$name', (language) => {
  const skip = !isThere(language);
  if (skip) console.log(`The snippets in ${language.name} are not run: the machine has no interpreter for them.`);
  const expectRefusal = async (request: SnippetRequest, url: string): Promise<void> => {
    const { status, body } = await ask(url, request, folder);
    expect(status).toBe(400);
    const { code, output, errors } = await runSnippet(language, request, url, folder);
    expect(code).not.toBe(0);
    expect(squeeze(output + errors)).toContain(squeeze((body as { message: string }).message));
    expect(output + errors).not.toMatch(/pipeline_[0-9a-z]{8}/);
  };

  it.skipIf(skip).each(CASES)('$name', async ({ request, url }) => {
    const direct = await ask(urls[url] ?? '', request, folder);
    expect(direct.status).toBe(200);
    const { code, output, errors } = await runSnippet(language, request, urls[url] ?? '', folder);
    expect(errors.replaceAll(urls[url] ?? '', '…')).toBe('');
    expect(code).toBe(0);
    expect(parsePrinted(language, output)).toEqual(direct.body);
  });

  it.skipIf(skip)('a wrong value ends it, with the words of the pipeline', async () => {
    await expectRefusal(table({ ...iris, sepalWidth: '1,5', petalLenght: 1 }), urls.iris ?? '');
  });

  it.skipIf(skip)('what is no image ends it, with the words of the pipeline', async () => {
    await expectRefusal({ row: {}, image: { ...png, file: 'image.jpg' } }, urls.digits ?? '');
  });

  it.skipIf(skip)('where nothing answers, it says so and not where', async () => {
    for (const request of [table(iris), { row: {}, image: png }]) {
      const { code, output, errors } = await runSnippet(language, request, NOWHERE, folder);
      expect(code).not.toBe(0);
      expect(errors).not.toBe('');
      expect(output + errors).not.toContain('pipeline_');
    }
  });

  it.skipIf(skip)('hostile names and values arrive as they are', async () => {
    const numbers = [0.1 + 0.2, -1.5e-7, 1e21, 5e-324, 123456789012, 2 ** 53, 39.900001525878906];
    const words = Object.fromEntries(HOSTILE.map((text, i) => [text, `${HOSTILE[(i * 7) % HOSTILE.length]}${text}`]));
    const row: SnippetRow = { ...words, 0: 1, 17: 'seventeen', truth: true, numbers, one: [1], if: null, '.5': '' };
    // Java 17 reads its sources in the encoding of the machine, which may be the poorest.
    const locale = language.id === 'java' ? 'C' : 'C.UTF-8';
    expect((await runSnippet(language, table(row), urls.echo ?? '', folder, locale)).code).toBe(0);
    const sent = heard?.json as { numbers: unknown[] };
    expect({ ...sent, numbers: sent.numbers.map(Number) }).toEqual(row);
    expect((await runSnippet(language, { row, image: png }, urls.echo ?? '', folder, locale)).code).toBe(0);
    for (const [name, value] of Object.entries(row)) {
      const texts = heard?.query.getAll(name) ?? [];
      if (name === 'truth') expect(texts[0]?.toLowerCase()).toBe('true');
      else if (name === 'numbers') expect(texts.map(Number)).toEqual(value);
      else expect(texts, name).toEqual(value === null ? [] : [value].flat().map(String));
    }
  });
});

it('curl has a short form, where there is one', async () => {
  const [curl] = LANGUAGES;
  if (curl === undefined || !isThere(curl)) return;
  const short = curl.write(table(iris)).match(/^# (curl .*)$/m)?.[1] ?? '';
  const { output } = await runText(curl, short, urls.iris ?? '', folder);
  expect(JSON.parse(output)).toEqual((await ask(urls.iris ?? '', table(iris), folder)).body);
});
