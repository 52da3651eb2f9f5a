// Images over real HTTP: every image case of the corpus from upload to prediction, each way an image can be sent, and what
// is no good image.
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toCrc } from '../../worker/image/png.ts';
import { LIMITS } from '../../worker/limits.ts';
import type { Manifest } from '../../worker/pipeline/manifest.ts';
import { findDifference, type GivenAnswer } from '../support/answers.ts';
import { type Case, CORPUS_ROOT, FIXTURES_ROOT, findCases, readCase } from '../support/corpus.ts';
import { identityModels } from '../support/identity-models.ts';
import { createOwner, type Owner } from '../support/owner.ts';
import { type Caller, startWorker, type TestWorker } from '../support/worker.ts';

let worker: TestWorker;
let owner: Owner;
beforeAll(async () => {
  worker = await startWorker();
  owner = await createOwner(worker, 'standard');
});
afterAll(() => worker.dispose());

interface Preprocess {
  mean: number[] | null;
  std: number[] | null;
}

/** What a graph does not say; all else is to be found out. */
function toPreprocess({ extra }: Case): object {
  const { mean, std } = (extra?.preprocess ?? {}) as Preprocess;
  return mean == null ? {} : { preprocess: { mean, std } };
}

async function bring(given: Case, manifest: object = {}): Promise<string> {
  const { name, model, folder } = given;
  const labels = readFileSync(join(folder, 'labels.txt'));
  const whole = { features: [{ name: 'image' }], ...toPreprocess(given), ...manifest };
  const { id, features } = await owner.add({ name, model, labels, manifest: whole });
  expect(features[0]).toMatchObject({ type: 'image' });
  const { pipeline } = await owner.activate(id);
  expect(pipeline, JSON.stringify(pipeline)).toMatchObject({ status: 'active' });
  return pipeline.url ?? '';
}

const readSample = (given: Case, input: object): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(join(given.folder, String(Object.values(input)[0]))));
const sendFile = (url: string, field: string, bytes: Uint8Array<ArrayBuffer>): Promise<Response> => {
  const form = new FormData();
  form.set(field, new File([bytes], 'test_1.jpg'));
  return fetch(url, { method: 'POST', body: form });
};

function toGreyPng(width: number, height: number, pixels: readonly number[]): Uint8Array<ArrayBuffer> {
  const rows = Array.from({ length: height }, (_, y) => [0, ...pixels.slice(y * width, (y + 1) * width)]);
  return toPng(width, height, 8, Buffer.from(rows.flat()));
}

/** A grey PNG of `rows`, each with its filter byte. */
function toPng(width: number, height: number, bits: number, rows: Buffer): Uint8Array<ArrayBuffer> {
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(toCrc(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([bits, 0, 0, 0, 0], 8);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  const data = deflateSync(rows, { level: 9 });
  return new Uint8Array(
    Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]),
  );
}

const roots = [FIXTURES_ROOT, CORPUS_ROOT].filter((root) => findCases(root).length > 0);
const findImages = (root: string) => findCases(root).filter((name) => readCase(name, root).kind === 'image');

describe.each(roots)('images of the corpus in %s', (root) => {
  it.each(findImages(root))('%s', async (name) => {
    const given = readCase(name, root);
    const url = await bring(given);
    for (const row of given.rows) {
      const response = await sendFile(url, 'image', readSample(given, row.input));
      const text = await response.text();
      expect(response.status, text).toBe(200);
      expect(findDifference(JSON.parse(text) as GivenAnswer, row, given.tolerance)).toBeNull();
    }
    const rows = given.rows.map(({ input }) => ({
      image: `data:image/png;base64,${Buffer.from(readSample(given, input)).toString('base64')}`,
    }));
    const ndjson = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-ndjson', Accept: 'application/json' },
      body: rows.map((row) => JSON.stringify(row)).join('\n'),
    });
    const json = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(rows),
    });
    for (const response of [ndjson, json]) {
      const answers = (await response.json()) as GivenAnswer[];
      for (const [i, row] of given.rows.entries()) {
        expect(findDifference(answers[i] as GivenAnswer, row, given.tolerance)).toBeNull();
      }
    }
  });
});

describe('a digit', () => {
  const root = roots[0] ?? '';
  const given = readCase('digits-cnn-28', root);
  const [row] = given.rows;
  const sample = readSample(given, row?.input ?? {});
  const base64 = Buffer.from(sample).toString('base64');
  let url = '';
  beforeAll(async () => {
    url = await bring(given, { features: [{ name: 'path' }] });
  });
  const expectDigit = async (response: Response): Promise<void> => {
    const text = await response.text();
    expect(response.status, text).toBe(200);
    const answer = [JSON.parse(text)].flat()[0] as GivenAnswer;
    expect(row === undefined ? 'no row' : findDifference(answer, row, given.tolerance)).toBeNull();
  };
  const post = (type: string, body: BodyInit): Promise<Response> =>
    fetch(url, { method: 'POST', headers: { 'Content-Type': type }, body });

  it('is sent as the body', async () => {
    await expectDigit(await post('image/png', sample));
    await expectDigit(await post('image/jpeg', sample));
  });
  it('is sent as a file of any field name', async () => {
    await expectDigit(await sendFile(url, 'path', sample));
    await expectDigit(await sendFile(url, 'file', sample));
  });
  it('is sent as the bytes that Python requests 2.28 writes for files= with json=', async () => {
    const body = readFileSync(join(import.meta.dirname, '../fixtures/python-requests.multipart'));
    const boundary = body.subarray(2, body.indexOf('\r\n')).toString();
    const response = await post(`multipart/form-data; boundary=${boundary}`, new Uint8Array(body));
    // samples/3.png
    expect(await response.json()).toMatchObject({ prediction: '3' });
  });
  it('is sent as base64 and as a data URI', async () => {
    await expectDigit(await post('application/json', JSON.stringify({ path: base64 })));
    await expectDigit(await post('application/json', JSON.stringify([{ path: `data:image/png;base64,${base64}` }])));
    await expectDigit(
      await post('application/x-www-form-urlencoded', new URLSearchParams({ path: base64 }).toString()),
    );
    await expectDigit(await fetch(`${url}?${new URLSearchParams({ path: base64 })}`));
    await expectDigit(await post('text/csv', `path\n${base64}\n`));
  });
  it('has an example that is answered', async () => {
    const { example } = (await (await fetch(url)).json()) as { example: string };
    expect((await fetch(`${url}?${example}`)).status).toBe(200);
    const schema = (await (await fetch(`${url}/schema`)).json()) as { features: { type: string }[] };
    expect(schema.features[0]).toMatchObject({
      name: 'path',
      type: 'image',
      image: { width: 28, height: 28, color: 'L' },
    });
    const document = await (await fetch(`${url}/openapi.json`)).text();
    expect(document).toContain('"image/webp"');
    expect(document).toContain('brought to 28 by 28 pixels');
  });

  const hasRequests = spawnSync('python3', ['-c', 'import requests']).status === 0;
  it.skipIf(!hasRequests)('is sent by Python requests, with and without columns beside it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'postern-'));
    try {
      const file = join(folder, 'd.png');
      writeFileSync(file, sample);
      const program = `
import json, sys, requests
url, path = sys.argv[1:]
with open(path, 'rb') as f: print(json.dumps(requests.post(url, files={'path': ('d.png', f, 'image/png')}).json()))
with open(path, 'rb') as f: print(json.dumps(requests.post(url, json={'x': 1}, files={'path': ('test_1.jpg', f, 'image/jpeg')}).json()))
with open(path, 'rb') as f: print(json.dumps(requests.post(url, files={'path': f}).json()))
with open(path, 'rb') as f: print(requests.post(url, files={'path': f}, data={'label': '3', 'pth': 1}).status_code)
`;
      // Without blocking this process, which is what the Worker listens in.
      const { stdout } = await promisify(execFile)('python3', ['-c', program, url, file]);
      const lines = stdout.trimEnd().split('\n');
      expect(lines).toHaveLength(4);
      for (const line of lines.slice(0, 3)) {
        expect(row === undefined ? '' : findDifference(JSON.parse(line), row, given.tolerance)).toBeNull();
      }
      expect(lines[3]).toBe('400');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is refused where it is no good image', async () => {
    const broken = new Uint8Array(sample);
    const at = Buffer.from(sample).indexOf('IDAT') + 8;
    broken[at] = (broken[at] ?? 0) ^ 0xff;
    const cases: [string, Uint8Array<ArrayBuffer>, number, string, RegExp][] = [
      ['bomb', toPng(30_000, 30_000, 1, Buffer.alloc(30_000 * 3751)), 413, 'body_too_large', /30,?000/],
      ['text', new TextEncoder().encode('just a text'), 400, 'malformed_body', /path: /],
      ['broken', broken, 400, 'malformed_body', /checksum|CRC/i],
      ['cut off', sample.slice(0, sample.length - 20), 400, 'malformed_body', /cut off|ends/],
      ['empty', new Uint8Array(0), 400, 'malformed_body', /empty/],
      ['gif', new TextEncoder().encode('GIF89a\x01\x00\x01\x00\x00\x00\x00;'), 400, 'unsupported_image', /GIF/],
      ['too many bytes', new Uint8Array(LIMITS.IMAGE_BYTES + 1), 413, 'body_too_large', /bytes/],
      ['far too many bytes', new Uint8Array(100e6), 413, 'body_too_large', /bytes/],
    ];
    for (const [name, bytes, status, code, message] of cases) {
      const response = await sendFile(url, 'path', bytes);
      const body = (await response.json()) as { code: string; message: string };
      expect({ name, status: response.status, code: body.code }).toEqual({ name, status, code });
      expect(body.message).toMatch(message);
    }
    const text = await post('application/json', JSON.stringify({ path: 'not base64!' }));
    expect(await text.json()).toMatchObject({ code: 'malformed_body', message: expect.stringMatching(/base64/) });
    const number = await post('application/json', JSON.stringify({ path: 7 }));
    expect(number.status).toBe(400);
    const missing = await post('application/json', '{}');
    expect(await missing.json()).toMatchObject({ code: 'missing_features' });
    await expectDigit(await sendFile(url, 'path', sample));
  });

  it('says which row of a batch is at fault', async () => {
    const rows = [{ path: base64 }, { path: base64.slice(0, 40) }];
    const response = await post('application/json', JSON.stringify(rows));
    expect(response.status).toBe(400);
    expect(((await response.json()) as { message: string }).message).toMatch(/^row 2, path: /);
  });
});

describe('an image beside ordinary columns', () => {
  // The model answers what it is fed: four pixels and an age.
  const manifest: Manifest = {
    manifest_version: 1,
    task: 'regression',
    features: [
      {
        name: 'photo',
        type: 'image',
        preprocess: {
          size: [2, 2],
          resize: 'stretch',
          filter: 'bilinear',
          color: 'L',
          layout: 'NCHW',
          scale: 1,
          offset: 0,
        },
      },
      { name: 'age', type: 'number', default: 40 },
    ],
    inputs: [{ name: 'x', dtype: 'float32', shape: [5], features: ['photo', 'age'] }],
    output: { value: { tensors: ['y'] } },
    batch: 'none',
  };
  const photo = toGreyPng(2, 2, [10, 20, 30, 40]);
  const base64 = Buffer.from(photo).toString('base64');
  const expected = (age: number) => ({ prediction: [10, 20, 30, 40, age] });
  let call: Caller;
  beforeAll(async () => {
    const model = identityModels().find(({ dtype }) => dtype === 'float32')?.model;
    call = await worker.publish({ manifest }, model);
  });
  const post = (type: string, body: BodyInit, query = '') =>
    call(query, { method: 'POST', headers: { 'Content-Type': type }, body });

  it('comes as a file with form fields, a JSON part or a query string', async () => {
    const form = (more: [string, string | Blob][]) => {
      const parts = new FormData();
      parts.set('photo', new File([photo], 'photo.png', { type: 'image/png' }));
      for (const [name, value] of more) parts.set(name, value);
      return parts;
    };
    const age = new Blob(['{"age": 7}'], { type: 'application/json' });
    const answers = await Promise.all([
      call('', { method: 'POST', body: form([['age', '7']]) }),
      call('', { method: 'POST', body: form([['columns', age]]) }),
      call('?age=7', { method: 'POST', body: form([]) }),
      post('image/png', photo, '?age=7'),
      call(`?age=7&photo=${encodeURIComponent(base64)}`),
    ]);
    for (const answer of answers) expect(await answer.json()).toEqual(expected(7));
    expect(await (await call('', { method: 'POST', body: form([]) })).json()).toEqual(expected(40));
  });

  it('comes in JSON, CSV and NDJSON, row by row', async () => {
    const rows = [7, 8, 9].map((age) => ({ photo: `data:image/png;base64,${base64}`, age }));
    const json = await post('application/json', JSON.stringify(rows));
    expect(await json.json()).toEqual([expected(7), expected(8), expected(9)]);
    const ndjson = await post('application/x-ndjson', rows.map((row) => JSON.stringify(row)).join('\n'));
    expect(await ndjson.json()).toEqual([expected(7), expected(8), expected(9)]);
    const csv = await post('text/csv', `photo,age\n${base64},7\n${base64},8\n`);
    expect(await csv.json()).toEqual([expected(7), expected(8)]);
  });

  it('says what else is wrong', async () => {
    const twice = new FormData();
    twice.append('photo', new File([photo], 'a.png'));
    twice.append('photo', new File([photo], 'b.png'));
    const response = await call('', { method: 'POST', body: twice });
    expect(await response.json()).toMatchObject({ code: 'invalid_value' });
    const wrong = new FormData();
    wrong.set('age', new File(['7'], 'age.png', { type: 'image/png' }));
    wrong.set('photo', new File([photo], 'a.png'));
    expect(await (await call('', { method: 'POST', body: wrong })).json()).toMatchObject({ code: 'invalid_value' });
  });
});

it('refuses an image where none is taken', async () => {
  const iris = await worker.publishTutorial();
  const response = await iris('', { method: 'POST', headers: { 'Content-Type': 'image/png' }, body: 'x' });
  expect(response.status).toBe(415);
});
