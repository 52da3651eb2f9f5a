// Prediction requests: right ones, whose answer is known, and every way of being wrong that we could think of.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { CELLS, textsFor, usually } from './decoders.ts';
import { NUMBERS, type TargetName, type Targets } from './targets.ts';

export interface FuzzRequest {
  readonly target: TargetName;
  readonly method: string;
  /** What stands behind the secret. */
  readonly rest: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | null;
  readonly pieces?: number | undefined;
  /** What must be answered, where the request is right; of many rows one each. */
  readonly expected?: { readonly many: boolean; readonly predictions: readonly unknown[] } | undefined;
  /** Texts of rows that have nothing wrong: no error may show them. */
  readonly hidden?: readonly string[] | undefined;
}

const IMAGES = join(import.meta.dirname, '../fixtures/images');
const images = readdirSync(IMAGES)
  .filter((name) => /\.(png|jpg|webp|gif|bmp|tiff)$/.test(name))
  .map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(IMAGES, name))) }))
  .filter(({ bytes }) => bytes.length < 40_000);

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Bytes of a body, some of them other than they should be. */
const broken = (bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(
      bytes,
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }),
      fc.option(fc.nat(), { freq: 5 }),
    )
    .map(([whole, changes, cut]) => {
      const copy = whole.slice(0, cut === null ? whole.length : cut % (whole.length + 1));
      for (const [at, byte] of changes) if (copy.length > 0) copy[at % copy.length] = byte;
      return copy;
    });

const TYPES = [
  ...[
    'application/json',
    'text/csv',
    'application/x-ndjson',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=b',
  ],
  ...[
    'image/png',
    'image/jpeg',
    'image/webp',
    'text/plain',
    'application/json; charset=utf-16',
    'text/csv;charset="utf-8"; header=present',
  ],
  ...[
    'application/json;;;',
    ';',
    '/',
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'application/octet-stream',
    'TEXT/CSV',
    'a'.repeat(3000),
  ],
];
const ACCEPTS = [
  '*/*',
  'application/json',
  'text/csv',
  'application/x-ndjson',
  'text/html',
  '',
  'application/json;q=0',
  'q=x;;,,/',
  `${'text/csv,'.repeat(500)}*/*`,
];

const visible = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 40,
});
const header: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  fc.constantFrom(...ACCEPTS).map((value) => ['Accept', value] as const),
  fc.tuple(
    fc.constantFrom(
      'X-Request-Id',
      'Authorization',
      'Cookie',
      'If-None-Match',
      'Range',
      'Expect-CT',
      'X-Forwarded-For',
      'Referer',
    ),
    visible,
  ),
  fc.tuple(fc.constantFrom('Content-Encoding'), fc.constantFrom('gzip', 'identity', 'br', 'x')),
  fc.constantFrom(
    ['Origin', 'https://example.org'],
    ['Sec-Fetch-Mode', 'cors'],
    ['Sec-Fetch-Site', 'none'],
    ['Access-Control-Request-Method', 'POST'],
  ),
  fc.tuple(
    fc.stringMatching(/^X-[A-Za-z0-9]{1,20}$/),
    fc.string({
      unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code === 0x7f ? 0x20 : code)),
      maxLength: 200,
    }),
  ),
);
const headers = usually(fc.array(header, { maxLength: 3 }), fc.array(header, { maxLength: 60 }), 20);
const pieces = fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined });

/** Rows in any format, with what they are answered. */
interface Written {
  readonly type: string | null;
  readonly text: string;
  readonly many: boolean;
}

const FORMATS: readonly ((rows: readonly Record<string, unknown>[]) => Written)[] = [
  (rows) => ({ type: 'application/json', text: JSON.stringify(rows), many: true }),
  ([row]) => ({ type: 'application/json', text: JSON.stringify(row, null, 1), many: false }),
  (rows) => ({
    type: 'application/x-ndjson',
    text: rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    many: true,
  }),
  (rows) => ({ type: 'text/csv', text: toCsv(rows), many: true }),
  ([row]) => ({ type: 'application/x-www-form-urlencoded', text: toQuery(row ?? {}), many: false }),
  ([row]) => ({ type: null, text: toQuery(row ?? {}), many: false }),
  ([row]) => ({ type: 'multipart/form-data; boundary=b', text: toMultipart(row ?? {}), many: false }),
];

const list = (row: Record<string, unknown>) =>
  Object.entries(row).flatMap(([name, value]) => [value].flat().map((each): [string, string] => [name, String(each)]));
const toQuery = (row: Record<string, unknown>) => new URLSearchParams(list(row)).toString();
const toMultipart = (row: Record<string, unknown>) =>
  `${list(row)
    .map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .join('')}--b--\r\n`;
function toCsv(rows: readonly Record<string, unknown>[]): string {
  const write = (cell: string) => (/[",\r\n]|^$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const lines = [list(rows[0] ?? {}).map(([name]) => name), ...rows.map((row) => list(row).map(([, value]) => value))];
  return lines.map((cells) => `${cells.map(write).join(',')}\n`).join('');
}

function toRequest(target: TargetName, { type, text }: Written, more: Pick<FuzzRequest, 'pieces'>): FuzzRequest {
  if (type === null) return { target, method: 'GET', rest: `?${text}`, headers: [], body: null };
  return { target, method: 'POST', rest: '', headers: [['Content-Type', type]], body: utf8(text), ...more };
}

const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const numbers = fc.record({ a: float, b: fc.tuple(float, float), n: fc.integer() });
const word = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .filter((text) => !/[\0\ud800-\udfff\r\n]/.test(text) && text.trim() === text);
const words = fc.record({
  s: fc.oneof(word, fc.constantFrom('__proto__', 'null', '{"a":1}', '=1+1', ' ')),
  f: fc.boolean(),
});

const rightNumbers = fc
  .tuple(fc.array(numbers, { minLength: 1, maxLength: 8 }), fc.constantFrom(...FORMATS), pieces)
  .map(([rows, write, size]): FuzzRequest => {
    const written = write(rows);
    const told = (written.many ? rows : rows.slice(0, 1)).map(({ a, b, n }) => [a, ...b, n]);
    return { ...toRequest('numbers', written, { pieces: size }), expected: { many: written.many, predictions: told } };
  });
const rightWords = fc
  .tuple(fc.array(words, { minLength: 1, maxLength: 8 }), fc.constantFrom(...FORMATS), pieces)
  .map(([rows, write, size]): FuzzRequest => {
    const written = write(rows);
    const told = (written.many ? rows : rows.slice(0, 1)).map(({ s }) => s);
    return { ...toRequest('words', written, { pieces: size }), expected: { many: written.many, predictions: told } };
  });

/** Good rows beside bad ones: nothing is predicted, and the error shows the bad ones alone. */
const mixed = fc
  .tuple(fc.array(fc.boolean(), { minLength: 2, maxLength: 12 }), fc.constantFrom(0, 2, 3), pieces, fc.nat())
  .map(([bad, format, size, salt]): FuzzRequest => {
    const rows = bad.map((isBad, i) => ({ s: `hidden-${salt}-${i}`, f: isBad ? 'neither' : 'true' }));
    const written = FORMATS[format]?.(rows) ?? { type: null, text: '', many: true };
    const request = toRequest('words', written, { pieces: size });
    if (!bad.includes(true)) return { ...request, expected: { many: true, predictions: rows.map(({ s }) => s) } };
    return { ...request, hidden: rows.map(({ s }) => s) };
  });

function wrong({ manifests }: Targets): fc.Arbitrary<FuzzRequest> {
  const target = fc.constantFrom<TargetName>('iris', 'numbers', 'words', 'photo', 'unknown', 'off');
  return target.chain((name) => {
    const texts = textsFor(manifests[name] ?? NUMBERS);
    const body = fc.oneof(
      fc.tuple(fc.constant('application/json'), texts.json.map(utf8)),
      fc.tuple(fc.constant('application/x-ndjson'), texts.ndjson.map(utf8)),
      fc.tuple(fc.constant('text/csv'), texts.csv.map(utf8)),
      fc.tuple(fc.constant('application/x-www-form-urlencoded'), texts.query.map(utf8)),
      fc.tuple(fc.constant('multipart/form-data; boundary=b'), broken(multipart.map(utf8))),
      fc.tuple(
        fc.constantFrom('image/png', 'image/jpeg', 'image/webp', 'application/json'),
        broken(fc.constantFrom(...images).map(({ bytes }) => bytes)),
      ),
      fc.tuple(fc.constantFrom('application/json', 'application/x-ndjson'), imageJson.map(utf8)),
      fc.tuple(fc.constantFrom(...TYPES), fc.uint8Array({ maxLength: 300 })),
      fc.tuple(fc.constantFrom('application/json', 'application/x-ndjson', 'text/csv'), monsters.map(utf8)),
      fc.tuple(fc.constant('application/json'), fc.json({ maxDepth: 6 }).map(utf8)),
    );
    return fc
      .record({
        method: usually(
          fc.constantFrom('GET', 'POST'),
          fc.constantFrom('HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND'),
          12,
        ),
        query: usually(
          texts.query.map((text) => `?${text}`),
          fc.oneof(fc.constant(''), options, longUrls),
          1,
        ),
        place: usually(
          fc.constant(''),
          fc.constantFrom('/schema', '/openapi.json', '/', '//', '/none', '/..', '/%2e%2e', '/\u00ff'),
          15,
        ),
        body: usually(
          body,
          fc.tuple(
            fc.constantFrom(...TYPES),
            body.map(([, bytes]) => bytes),
          ),
          5,
        ),
        isBroken: fc.boolean(),
        headers,
        pieces,
      })
      .map(({ method, query, place, body: [type, bytes], headers: all, pieces: size }): FuzzRequest => {
        const rest = encodeRaw(place + (method === 'POST' && size !== undefined ? '' : query));
        const hasBody = method !== 'GET' && method !== 'HEAD';
        const own: readonly [string, string][] = hasBody ? [['Content-Type', type]] : [];
        return { target: name, method, rest, headers: [...own, ...all], body: hasBody ? bytes : null, pieces: size };
      });
  });
}

/** What node:http refuses to write is written as bytes. */
const encodeRaw = (path: string): string =>
  path.replaceAll(/[^\x21-\x7e]/g, (c) => encodeURI(c).replace(/^[^%]$/, '%20'));

const options = fc.constantFrom(
  '?$include=top',
  '?$include=classes,top',
  '?$include=',
  '?$x=1',
  '?$include=%00',
  '?__proto__=1&a=1',
  '?a=1&a=2&a=3&n=1',
  '?&&&',
  '?=',
  '?a',
);
const longUrls = fc.constantFrom(
  `?${'a'.repeat(15_000)}`,
  `?${'a=1&'.repeat(3500)}`,
  `?${'%61='.repeat(3000)}`,
  `?a=${'9'.repeat(12_000)}`,
  `?${'='.repeat(14_000)}`,
);
const monsters = fc.constantFrom(
  '['.repeat(50_000),
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  `{"a":${'9'.repeat(100_000)},"n":1}`,
  `{"a":1e${'9'.repeat(500)},"n":1}`,
  `{${'"a":1,'.repeat(5000)}"n":1}`,
  `{"__proto__":{"a":1},"constructor":{"prototype":{"n":1}}}`,
  `[${'{"a":1,"n":1},'.repeat(2000)}{"a":"x","n":1}]`,
  `{"a":"${'\\u0041'.repeat(20_000)}","n":1}`,
  `a,n\n${'1,2\n'.repeat(1500)}x,2\n`,
  `a,n\n"${'x\n'.repeat(20_000)}`,
  `${'a,'.repeat(20_000)}n\n1\n`,
  `a,n\n${'"'.repeat(50_001)}`,
  `${'{"a":1,"n":1}\n'.repeat(1500)}{"a":`,
  '\n'.repeat(50_000),
  `${'\r'.repeat(30_000)}a`,
  ',,,,\n'.repeat(5000),
  '\ufeff\ufeff{}',
);
const imageJson = fc
  .tuple(
    fc.constantFrom(...images),
    fc.constantFrom(
      '',
      'data:image/png;base64,',
      'data:,',
      'data:image/svg+xml;base64,',
      'data:image/png;base64;base64,',
    ),
    fc.option(fc.nat(), { freq: 3 }),
    CELLS,
  )
  .map(([{ bytes }, prefix, cut, cell]) => {
    const base64 = Buffer.from(bytes).toString('base64');
    const file = prefix + (cut === null ? base64 : base64.slice(0, cut % base64.length));
    return `${JSON.stringify({ "the 'photo'": file, 'größe "cm" = $1': cell, pair: [1, 2] })}\n`;
  });
const multipart = fc
  .array(
    fc.tuple(
      fc.constantFrom('a', 'n', 's', 'f', 'data', "the 'photo'", 'sepalLength', '__proto__', '"', 'x'.repeat(500)),
      fc.constantFrom('', '; filename="x.png"', '; filename="x.csv"', "; filename*=UTF-8''%ff", '; name="a"', ';;;'),
      fc.constantFrom(
        '',
        'Content-Type: text/csv\r\n',
        'Content-Type: application/json\r\n',
        'Content-Type: image/png\r\n',
        'Content-Transfer-Encoding: base64\r\n',
        'x: y\r\n'.repeat(50),
      ),
      fc.oneof(CELLS, fc.constantFrom('a,n\n1,2\n', '{"a":1,"n":2}', '--b', '\r\n--b--', '')),
    ),
    { maxLength: 5 },
  )
  .map(
    (parts) =>
      `${parts.map(([name, more, type, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n${type}\r\n${value}\r\n`).join('')}--b--\r\n`,
  );

export function createRequests(targets: Targets): fc.Arbitrary<FuzzRequest> {
  return fc.oneof(
    { weight: 2, arbitrary: rightNumbers },
    { weight: 2, arbitrary: rightWords },
    { weight: 1, arbitrary: mixed },
    { weight: 8, arbitrary: wrong(targets) },
  );
}
