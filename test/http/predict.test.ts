import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Caller, startWorker, type TestWorker } from '../support/worker.ts';

const ONE = 'sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0';
const ONE_JSON = { sepalLength: 1, sepalWidth: 1, petalLength: 1.5, petalWidth: 2 };
const ANSWER = '{"prediction":"Iris-virginica","probability":[0.39285714,0.10714286,0.5]}';
const SETOSA = '{"prediction":"Iris-setosa","probability":[1,0,0]}';
const CSV = 'sepalLength,sepalWidth,petalLength,petalWidth\n1.0,1.0,1.5,2.0\n5.1,3.5,1.4,0.2\n';

let worker: TestWorker;
let iris: Caller;
beforeAll(async () => {
  worker = await startWorker();
  iris = await worker.publishTutorial();
});
afterAll(async () => {
  await worker.dispose();
});

const post = (type: string, body: BodyInit, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': type, ...headers },
  body,
});

describe('answers', () => {
  it('the tutorial byte for byte', async () => {
    const response = await iris(`?${ONE}`);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(ANSWER);
  });

  it('the same row in every format', async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries(ONE_JSON)) form.set(name, String(value));
    const part = new FormData();
    part.set('row', new Blob([JSON.stringify(ONE_JSON)], { type: 'application/json' }));
    const mixed = new FormData();
    mixed.set('petalWidth', '2');
    for (const [rest, init] of [
      ['', post('application/json', JSON.stringify(ONE_JSON))],
      ['', post('application/json; charset=utf-8', JSON.stringify({ ...ONE_JSON, sepalLength: '1.0' }))],
      ['', post('application/x-www-form-urlencoded', ONE)],
      ['', { method: 'POST', body: form }],
      ['', { method: 'POST', body: part }],
      ['?sepalLength=1&sepalWidth=1&petalLength=1.5', { method: 'POST', body: mixed }],
      [`?${ONE}`, { method: 'POST' }],
      [`/?${ONE}`, {}],
    ] as [string, RequestInit][]) {
      const response = await iris(rest, init);
      expect(await response.text()).toBe(ANSWER);
    }
  });

  it('many rows, in order, as JSON, CSV and NDJSON', async () => {
    const data = new FormData();
    data.set('data', new File([CSV], 'rows.csv', { type: 'text/csv' }));
    const many: RequestInit[] = [
      post(
        'application/json',
        JSON.stringify([ONE_JSON, { sepalLength: 5.1, sepalWidth: 3.5, petalLength: 1.4, petalWidth: 0.2 }]),
      ),
      post('text/csv', CSV),
      post(
        'application/x-ndjson',
        `${JSON.stringify(ONE_JSON)}\n{"sepalLength":5.1,"sepalWidth":3.5,"petalLength":1.4,"petalWidth":0.2}\n`,
      ),
      { method: 'POST', body: data },
    ];
    for (const init of many) {
      expect(await (await iris('', init)).text()).toBe(`[${ANSWER},${SETOSA}]`);
      const csv = await iris('', { ...init, headers: { ...init.headers, Accept: 'text/csv' } });
      expect(csv.headers.get('Content-Type')).toMatch(/^text\/csv/);
      expect((await csv.text()).split('\n')).toEqual([
        'prediction,probability_Iris-setosa,probability_Iris-versicolor,probability_Iris-virginica',
        'Iris-virginica,0.39285714,0.10714286,0.5',
        'Iris-setosa,1,0,0',
        '',
      ]);
      const ndjson = await iris('', { ...init, headers: { ...init.headers, Accept: 'application/x-ndjson' } });
      expect(await ndjson.text()).toBe(`${ANSWER}\n${SETOSA}\n`);
    }
    expect(await (await iris('', post('application/json', '[]'))).text()).toBe('[]');
  });

  it('the training CSV as it is, label and all', async () => {
    const rows = `${CSV.split('\n')[0]},species\n5.1,3.5,1.4,0.2,Iris-setosa\n`;
    expect(await (await iris('', post('text/csv', rows))).text()).toBe(`[${SETOSA}]`);
  });

  it('with classes and ranking where they are asked for', async () => {
    const { classes, top } = (await (await iris(`?${ONE}&$include=classes,top`)).json()) as {
      classes: string[];
      top: { class: string; probability: number }[];
    };
    expect(classes).toEqual(['Iris-setosa', 'Iris-versicolor', 'Iris-virginica']);
    expect(top.map((each) => each.class)).toEqual(['Iris-virginica', 'Iris-setosa', 'Iris-versicolor']);
    expect((await iris(`?${ONE}&$include=everything`)).status).toBe(400);
  });

  it('with the documented headers, and no CORS header', async () => {
    for (const response of [await iris(`?${ONE}`), await iris(''), await iris('/schema')]) {
      expect(response.headers.get('Cache-Control')).toBe('no-store');
      expect(response.headers.get('Referrer-Policy')).toBe('no-referrer');
      expect(response.headers.get('X-Robots-Tag')).toBe('noindex');
      expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
      expect(response.headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
    const response = await iris(`?${ONE}`, { headers: { 'X-Request-Id': 'my-call.7' } });
    expect(response.headers.get('X-Request-Id')).toBe('my-call.7');
    expect(response.headers.get('X-Model-Version')).toBe('1');
    const insane = await iris(`?${ONE}`, { headers: { 'X-Request-Id': '<script>'.repeat(50) } });
    expect(insane.headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
    expect((await iris(`?${ONE}`, { method: 'HEAD' })).status).toBe(200);
  });

  // The usual way to write the URL has a shorter way through the Worker.
  it('alike however the URL is written', async () => {
    const encoded = iris.url.replace('/api/p', '/api/%70');
    const id = { headers: { 'X-Request-Id': 'the-same' } };
    const read = async (url: string, init: RequestInit): Promise<unknown[]> => {
      const response = await fetch(url, init);
      const headers = [...response.headers].filter(([name]) => name !== 'date');
      return [response.status, headers, await response.text()];
    };
    for (const query of [`?${ONE}`, '', '?x=1']) {
      const usual = await read(iris.url + query, id);
      for (const url of [`${encoded}${query}`, `${iris.url}/${query}`]) expect(await read(url, id)).toEqual(usual);
    }
    for (const init of [
      post('application/json', '[]'),
      { method: 'PUT', body: 'x' },
      { headers: { Origin: 'null' } },
    ]) {
      const [status, , body] = await read(iris.url, { ...init, headers: { ...init.headers, ...id.headers } });
      const [status2, , body2] = await read(`${iris.url}/`, { ...init, headers: { ...init.headers, ...id.headers } });
      expect([status2, body2]).toEqual([status, body]);
    }
    const head = await fetch(`${iris.url}?${ONE}`, { method: 'HEAD' });
    expect([head.status, head.headers.get('X-Model-Version'), await head.text()]).toEqual([200, '1', '']);
  });
});

interface Failure {
  error: string;
  code: string;
  message: string;
  issues?: { row: number; feature: string; code: string; suggestion?: string }[];
  issue_count?: number;
  example?: string;
  request_id: string;
}
const fail = async (response: Response): Promise<Failure & { status: number }> => {
  const body = (await response.json()) as Failure;
  expect(body.error).toBe('api request failure');
  expect(body.request_id).toBe(response.headers.get('X-Request-Id'));
  return { status: response.status, ...body };
};

describe('errors', () => {
  it('no input: the features, and an example that then works', async () => {
    const failure = await fail(await iris(''));
    expect(failure).toMatchObject({ status: 400, code: 'missing_features' });
    expect(failure.issues?.map(({ feature }) => feature)).toEqual(Object.keys(ONE_JSON));
    expect((await iris(`?${failure.example}`)).status).toBe(200);
  });

  it('everything that is wrong at once', async () => {
    const failure = await fail(await iris('?sepalLenght=1&sepalWidth=1,5&petalLength=x&petalWidth=1&petalWidth=2'));
    expect(failure.status).toBe(400);
    expect(failure.issues?.map(({ feature, code, suggestion }) => [feature, code, suggestion])).toEqual([
      ['sepalLenght', 'unknown_feature', 'sepalLength'],
      ['sepalLength', 'missing_features', undefined],
      ['sepalWidth', 'invalid_value', '1.5'],
      ['petalLength', 'invalid_value', 'a decimal such as 5.1'],
      ['petalWidth', 'invalid_value', 'one value'],
    ]);
  });

  it('names the rows, lists 100 issues and counts the rest', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => (i % 2 ? ONE_JSON : { ...ONE_JSON, sepalWidth: 'x' }));
    const failure = await fail(await iris('', post('application/json', JSON.stringify(rows))));
    expect(failure.issues?.length).toBe(100);
    expect(failure.issue_count).toBe(1500);
    expect(failure.issues?.slice(0, 2).map(({ row }) => row)).toEqual([1, 3]);
  });

  it.each([
    ['application/json', '{"sepalLength": 1,}', 400, 'malformed_body'],
    ['application/json', '', 400, 'missing_features'],
    ['application/json', ' ', 400, 'malformed_body'],
    ['application/json', '7', 400, 'malformed_body'],
    ['application/json', '[1]', 400, 'malformed_body'],
    ['application/json', '{"sepalLength":{"a":1},"sepalWidth":1,"petalLength":1,"petalWidth":1}', 400, 'invalid_value'],
    ['application/json', '{"__proto__": 1}', 400, 'unknown_feature'],
    ['application/json', `[${'{},'.repeat(1_400_000)}{}]`, 413, 'body_too_large'],
    ['application/json', `"${'x'.repeat(9 * 1024 * 1024)}"`, 413, 'body_too_large'],
    ['text/csv', '', 400, 'missing_features'],
    ['text/csv', '\n', 400, 'malformed_body'],
    ['text/csv', 'sepalLength,sepalWidth,petalLength,petalWidth\n1,2,3\n', 400, 'malformed_body'],
    ['text/csv', 'sepalLength,sepalWidth,petalLength,color\n1,2,3,4\n', 400, 'unknown_feature'],
    ['application/x-ndjson', '{"sepalLength": 1\n', 400, 'malformed_body'],
    ['multipart/form-data', 'x', 400, 'malformed_body'],
    ['multipart/form-data; boundary=b', 'x', 400, 'malformed_body'],
    ['text/plain', 'x', 415, 'unsupported_media_type'],
    ['application/xml', '<x/>', 415, 'unsupported_media_type'],
    ['application/json; charset=utf-16', '{}', 415, 'unsupported_media_type'],
  ])('case %# as %s', async (type, body, status, code) => {
    expect(await fail(await iris('', post(type, body)))).toMatchObject({ status, code });
  });

  it('methods, types and encodings that are not answered', async () => {
    const put = await iris('', { method: 'PUT', body: 'x' });
    expect([put.status, put.headers.get('Allow')]).toEqual([405, 'GET, HEAD, POST']);
    expect(await fail(put)).toMatchObject({ code: 'method_not_allowed' });
    const schema = await iris('/schema', { method: 'POST', body: 'x' });
    expect([schema.status, schema.headers.get('Allow')]).toEqual([405, 'GET, HEAD']);
    expect(await fail(await iris(`?${ONE}`, { headers: { Accept: 'image/png' } }))).toMatchObject({ status: 406 });
    const zipped = post('application/json', '{}', { 'Content-Encoding': 'gzip' });
    expect(await fail(await iris('', zipped))).toMatchObject({ status: 415 });
    expect(await fail(await iris('/nothing'))).toMatchObject({ status: 404, code: 'not_found' });
    expect(await fail(await iris('?sepalLength=%E0%A4%A'))).toMatchObject({ status: 400, code: 'malformed_body' });
  });

  it('secrets that lead nowhere', async () => {
    const off = await worker.publishTutorial({ state: 'inactive' });
    expect(await fail(await off(`?${ONE}`))).toMatchObject({ status: 403, code: 'pipeline_inactive' });
    const last = iris.url.at(-1);
    for (const url of [
      `${iris.url.slice(0, -1)}${last === 'a' ? 'b' : 'a'}`,
      `${worker.origin}/api/pipeline_`,
      `${worker.origin}/api/pipeline_${'0'.repeat(25)}1efrxrq`,
      `${worker.origin}/api/x`,
    ]) {
      expect(await fail(await fetch(`${url}?${ONE}`))).toMatchObject({ status: 404, code: 'pipeline_not_found' });
    }
  });

  it('a model that is not there, or is no model', async () => {
    const { tutorialManifest: manifest } = await import('../../worker/tutorial/tutorial.ts');
    const absent = await worker.publish({ manifest, model: { digest: '0'.repeat(64), bytes: 1 } });
    const response = await absent(`?${ONE}`);
    expect(response.headers.get('Retry-After')).toBe('5');
    expect(await fail(response)).toMatchObject({ status: 503, code: 'model_unavailable' });
    // What is wrong with the request is said before the model is asked for.
    expect(await fail(await absent(''))).toMatchObject({ status: 400, code: 'missing_features' });
    const broken = await worker.publish({ manifest }, new TextEncoder().encode('not a model'));
    expect(await fail(await broken(`?${ONE}`))).toMatchObject({ status: 503, code: 'model_unavailable' });
    expect((await iris(`?${ONE}`)).status).toBe(200);
  });
});

describe('servers only', () => {
  it.each([
    [{ Origin: 'https://example.org' }, 403],
    [{ Origin: 'null' }, 403],
    [{ 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' }, 403],
    [{ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' }, 403],
    [{ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' }, 403],
    [{ 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }, 200],
    [{ 'User-Agent': 'python-requests/2.28.1' }, 200],
  ])('%j: %i', async (headers, status) => {
    const response = await rawGet(`${iris.url}?${ONE}`, headers as Record<string, string>);
    expect(response.status).toBe(status);
    if (status === 403) expect(JSON.parse(response.body)).toMatchObject({ code: 'browser_call' });
  });

  it("lets Node's own fetch in, which sends Sec-Fetch-Mode alone", async () => {
    expect((await fetch(`${iris.url}?${ONE}`)).status).toBe(200);
  });

  it('refuses preflights', async () => {
    const response = await iris('', { method: 'OPTIONS' });
    expect(response.status).toBe(403);
    expect(response.headers.get('Access-Control-Allow-Origin')).toBeNull();
  });
});

/** fetch may not set Origin and Sec-Fetch headers; a plain HTTP client may. */
async function rawGet(url: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  const { get } = await import('node:http');
  return new Promise((resolve, reject) => {
    get(url, { headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    }).on('error', reject);
  });
}
