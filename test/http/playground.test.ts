// The playground's server, built and run as it is deployed: what it lets through, what it keeps, what it refuses.
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoList } from '../../playground/wire.ts';
import { createOwner } from '../support/owner.ts';
import { type Playground, SESSION_KEY, startPlayground } from '../support/playground.ts';
import { ROOT } from '../support/start.ts';
import { startWorker, type TestWorker } from '../support/worker.ts';

const IRIS = 'sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0';
const ANSWER = '{"prediction":"Iris-virginica","probability":[0.39285714,0.10714286,0.5]}';

const DIGITS = join(ROOT, 'playground/demos/digits');

let worker: TestWorker;
let playground: Playground;
let secretUrl = '';
/** What reached the API. */
const reached: Request[] = [];
/** Answers in the API's place, where a test wants another. */
let instead: ((request: Request) => Response | null) | null = null;

beforeAll(async () => {
  worker = await startWorker();
  secretUrl = (await worker.publishTutorial()).url;
  const owner = await createOwner(worker);
  const { id } = await owner.add({
    name: 'Digits',
    model: readFileSync(join(DIGITS, 'model.onnx')),
    labels: readFileSync(join(DIGITS, 'labels.txt')),
    manifest: JSON.parse(readFileSync(join(DIGITS, 'demo.json'), 'utf8')).manifest,
  });
  const digitsUrl = (await owner.activate(id)).pipeline.url ?? '';
  const demos = [
    { slug: 'iris', url: secretUrl, question: 'Which iris is it?' },
    { slug: 'digits', url: digitsUrl, title: 'Handwritten digits' },
    { slug: 'dead', url: `${worker.origin}/api/pipeline_${'0'.repeat(32)}` },
  ];
  playground = await startPlayground(
    { API_URL: worker.origin, DEMOS: JSON.stringify(demos), SESSION_KEY },
    (request) => {
      reached.push(request.clone() as Request);
      return Promise.resolve(instead?.(request) ?? fetch(request, { redirect: 'manual' }));
    },
  );
});
afterAll(async () => {
  await playground?.dispose();
  await worker?.dispose();
});

function toFileForm(name: string, bytes: Uint8Array<ArrayBuffer>, fileName: string): FormData {
  const form = new FormData();
  form.set(name, new File([bytes], fileName));
  return form;
}
const call = (path: string, init?: RequestInit): Promise<Response> => fetch(playground.origin + path, init);
/** As written: fetch would tidy the path up. */
const raw = (path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(playground.origin);
    httpRequest({ hostname, port, path }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

describe('predictions', () => {
  const json = { 'Content-Type': 'application/json' };
  const row = { sepalLength: 1.0, sepalWidth: 1.0, petalLength: 1.5, petalWidth: 2.0 };
  const csv = `${Object.keys(row).join()}\n${Object.values(row).join()}\n`;

  it.each([
    ['GET', `?${IRIS}`, {}, ANSWER],
    ['JSON', '', { method: 'POST', headers: json, body: JSON.stringify([row]) }, `[${ANSWER}]`],
    [
      'a form',
      '',
      { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: IRIS },
      ANSWER,
    ],
    [
      'CSV',
      '',
      { method: 'POST', headers: { 'Content-Type': 'text/csv', Accept: 'text/csv' }, body: csv },
      'prediction,probability_Iris-setosa,probability_Iris-versicolor,probability_Iris-virginica\nIris-virginica,0.39285714,0.10714286,0.5\n',
    ],
    [
      'NDJSON',
      '',
      {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-ndjson', Accept: 'application/x-ndjson' },
        body: `${JSON.stringify(row)}\n`,
      },
      `${ANSWER}\n`,
    ],
  ])('pass: %s', async (_, search, init, answer) => {
    const response = await call(`/demo/iris${search}`, init);
    expect(response.status).toBe(200);
    expect((await response.text()).replaceAll('\r\n', '\n')).toBe(answer);
    expect(response.headers.get('X-Model-Version')).toBe('1');
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    expect(response.headers.get('Access-Control-Allow-Origin')).toBeNull();
  });

  it.each([
    ['an image', (bytes: Uint8Array<ArrayBuffer>) => ({ headers: { 'Content-Type': 'image/png' }, body: bytes })],
    ['a form with a file', (bytes: Uint8Array<ArrayBuffer>) => ({ body: toFileForm('image', bytes, 'seven.png') })],
  ])('pass: %s', async (_, toInit) => {
    const seven = new Uint8Array(readFileSync(join(DIGITS, 'samples/drawn-7-200.png')));
    const response = await call('/demo/digits', { method: 'POST', ...toInit(seven) });
    expect(response.status).toBe(200);
    expect(String(((await response.json()) as { prediction: unknown }).prediction)).toBe('7');
  });

  it('pass: a form with a CSV file', async () => {
    const body = toFileForm('data', new TextEncoder().encode(csv), 'rows.csv');
    const response = await call('/demo/iris', { method: 'POST', body });
    expect(await response.text()).toBe(`[${ANSWER}]`);
  });

  it('pass as HEAD, without a body', async () => {
    for (const path of [`/demo/iris?${IRIS}`, '/demo/iris/schema', '/demos', '/']) {
      const response = await call(path, { method: 'HEAD' });
      expect(response.status, path).toBe(200);
      expect(await response.text()).toBe('');
    }
    expect((await call('/demo/iris', { method: 'HEAD' })).status).toBe(400);
  });

  it('carry nothing of the visitor but type and wish', async () => {
    reached.length = 0;
    await call(`/demo/iris?${IRIS}`, {
      headers: {
        Accept: 'application/json',
        Cookie: 'a=b',
        Authorization: 'Bearer x',
        Referer: 'https://example.com/',
        'X-Forwarded-For': '1.2.3.4',
        'X-Request-Id': 'mine',
        'Sec-Fetch-Site': 'same-origin',
        'Sec-Fetch-Mode': 'cors',
        Origin: playground.origin,
      },
    });
    const [sent] = reached;
    // Host belongs to every request.
    expect([...(sent?.headers.keys() ?? [])].sort()).toEqual(['accept', 'host', 'x-request-id']);
    expect(sent?.headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('errors pass as the API says them, with their request id', async () => {
    const response = await call('/demo/iris?sepalLenght=1');
    expect(response.status).toBe(400);
    const body = (await response.json()) as { code: string; request_id: string; issues: unknown[] };
    expect(body.code).toBe('unknown_feature');
    expect(body.issues.length).toBeGreaterThan(3);
    expect(response.headers.get('X-Request-Id')).toBe(body.request_id);
  });

  it('the schema passes', async () => {
    expect(await (await call('/demo/iris/schema')).json()).toMatchObject({ task: 'classification' });
  });

  it('an error that held the secret would be masked', async () => {
    instead = () => Response.json({ message: `no ${secretUrl}` }, { status: 500 });
    expect(await (await call(`/demo/iris?${IRIS}`)).text()).not.toMatch(/pipeline_[0-9a-z]{32}/);
    instead = null;
  });

  it('a redirect is not followed, and what is no answer of the API is not shown', async () => {
    for (const answer of [
      () => new Response(null, { status: 302, headers: { Location: 'https://example.com/' } }),
      () => new Response('Worker not found', { status: 500 }),
    ]) {
      reached.length = 0;
      instead = answer;
      const response = await call(`/demo/iris?${IRIS}`);
      expect(response.status).toBe(502);
      expect(await response.json()).toMatchObject({ code: 'api_unreachable' });
      expect(reached.length).toBe(1);
    }
    instead = null;
  });
});

describe('the list of demos', () => {
  it('says what a page needs, and leaves out who does not answer', async () => {
    const list = (await (await call('/demos')).json()) as DemoList;
    expect(list).toEqual({
      api_url: worker.origin,
      demos: [
        { slug: 'iris', title: 'Iris', question: 'Which iris is it?', task: 'classification', input: 'table' },
        { slug: 'digits', title: 'Handwritten digits', task: 'classification', input: 'image' },
      ],
    });
    expect(playground.logs.join('\n')).toContain('The demo "dead" is left out');
  });
});

describe('refusals', () => {
  it.each([
    '/demo/nothing',
    '/demo/iris/openapi.json',
    '/demo/iris%2f..%2f..%2fv1%2fmodels',
    '/demo/%69ris/schema/x',
    '/demo//iris',
    '/demo/iris%0d%0aX:%20y',
    '/demo/',
    '/assets/nothing.js',
    '/nothing.map',
  ])('%s is nowhere, and never reaches the API', async (path) => {
    reached.length = 0;
    expect([400, 404]).toContain(await raw(path));
    expect(reached.length).toBe(0);
  });

  it('a path that leaves its folder is the address it leads to: a page', async () => {
    reached.length = 0;
    expect(await raw('/demo/iris/../../v1/models')).toBe(200);
    expect(reached.length).toBe(0);
  });

  it.each([
    ['text/csv', 1],
    ['image/png', 12],
  ])('a body of %s that is larger than %d MiB, said or not', async (type, mib) => {
    const headers = { 'Content-Type': type };
    const body = new Uint8Array(mib * 2 ** 20 + 1).fill(65);
    const stream = () => new Blob([body]).stream();
    reached.length = 0;
    for (const sent of [{ body }, { body: stream(), duplex: 'half' }]) {
      const response = await call('/demo/iris', { method: 'POST', headers, ...sent } as RequestInit);
      expect(response.status).toBe(413);
      expect(await response.json()).toMatchObject({
        code: 'body_too_large',
        message: expect.stringContaining(String(mib * 2 ** 20)),
      });
    }
    expect(reached.length).toBe(0);
  });

  it('whatever is wrong, the client of a large body hears it', async () => {
    const body = new Uint8Array(2 ** 22).fill(65);
    const post = (path: string, headers: Record<string, string>) => call(path, { method: 'POST', body, headers });
    expect((await post('/demo/iris', { 'Content-Type': 'text/xml' })).status).toBe(415);
    expect((await post('/demo/nothing', { 'Content-Type': 'text/csv' })).status).toBe(404);
    expect((await post('/demo/iris', { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    const type = 'multipart/form-data; boundary=x';
    const upload = await post('/console/api/models', { Origin: playground.origin, 'Content-Type': type });
    expect(upload.status).toBe(401);
  });

  it('types and methods that predictions do not take', async () => {
    const xml = await call('/demo/iris', { method: 'POST', headers: { 'Content-Type': 'text/xml' }, body: '<a/>' });
    expect(xml.status).toBe(415);
    const put = await call('/demo/iris', { method: 'PUT' });
    expect(put.status).toBe(405);
    expect(put.headers.get('Allow')).toBe('GET, HEAD, POST');
    expect((await call('/demos', { method: 'POST', body: '' })).status).toBe(405);
    expect((await call('/', { method: 'POST', body: '' })).status).toBe(405);
  });

  it.each<[string, Record<string, string>]>([
    ['a page of another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['a page of a sister site', { 'Sec-Fetch-Site': 'same-site' }],
    ['another origin', { Origin: 'https://example.com' }],
    ['no origin', { Origin: 'null' }],
  ])('%s may not ask', async (_, headers) => {
    for (const path of ['/demos', `/demo/iris?${IRIS}`, '/demo/iris/schema', '/console/api/session']) {
      const response = await call(path, { headers });
      expect(response.status, path).toBe(403);
      expect(await response.json()).toMatchObject({ code: 'cross_site' });
      expect(response.headers.get('Access-Control-Allow-Origin')).toBeNull();
    }
    expect((await call('/demo/iris', { method: 'OPTIONS' })).status).toBe(403);
  });
});

it('the limits of a visitor hold, and say when to come back', async () => {
  let refused: Response | null = null;
  // Twice as many as a minute takes: one may end meanwhile.
  for (let i = 0; i < 1250 && refused === null; i += 25) {
    const answers = await Promise.all(Array.from({ length: 25 }, () => call(`/demo/iris?${IRIS}`)));
    refused = answers.find(({ status }) => status === 429) ?? null;
  }
  expect(refused?.headers.get('Retry-After')).toBe('60');
  expect(await refused?.json()).toMatchObject({ code: 'rate_limited', message: expect.stringContaining('600') });
});

it('no secret is logged', () => {
  expect(playground.logs.join('\n')).not.toMatch(/pipeline_[0-9a-z]{8}/);
});
