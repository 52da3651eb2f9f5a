// Rows that are read straight into tensors against the general way, for any manifest and any text: the same tensors bit
// by bit, or the same error in the same words.
import fc from 'fast-check';
import type { Chunk } from '../../worker/decode/chunk.ts';
import { decodeCsv } from '../../worker/decode/csv.ts';
import { decodeJson, decodePlainJson } from '../../worker/decode/json.ts';
import { decodeNdjson } from '../../worker/decode/ndjson.ts';
import { decodeQuery } from '../../worker/decode/query.ts';
import { createQueryFeeder } from '../../worker/decode/query-feeds.ts';
import { AppError } from '../../worker/errors.ts';
import { IssueList } from '../../worker/pipeline/issues.ts';
import type { Feature, Manifest } from '../../worker/pipeline/manifest.ts';
import { type FeedPlan, type NamedTensor, type TensorData, toFeeds } from '../../worker/pipeline/tensor.ts';
import { createByteStream, cut } from '../support/byte-stream.ts';
import { manifests, NAMES, toPlan } from './plans.ts';

export type Format = 'csv' | 'ndjson' | 'json' | 'query';

export interface DecoderCase {
  readonly manifest: Manifest;
  readonly format: Format;
  readonly text: string;
  /** Sizes of the pieces in which the body comes. */
  readonly sizes: readonly number[];
}

interface Read {
  readonly rows: unknown[][];
  readonly error: string | null;
  /** Rows that came as tensors. */
  readonly fed: number;
}

/** @throws Error where the two ways differ, or one throws what it must not. @returns the rows that were read straight. */
export async function checkDecoder({ manifest, format, text, sizes }: DecoderCase): Promise<number> {
  const plan = toPlan(manifest);
  if (format === 'query') return checkQuery(plan, text);
  // A quoted cell that ends in CR makes the general way strict about the line ends of the text around it.
  if (format === 'csv' && text.includes('\r"')) return 0;
  const wide = { plan, format, text, sizes, chunkRows: 1000 };
  const general = await read({ ...wide, isPlain: false });
  const plain = await read({ ...wide, isPlain: true });
  compare('in one chunk', plain, general, true);
  // What is wrong is reported chunk by chunk, and chunks may end elsewhere: the words differ.
  const cut = await read({ ...wide, chunkRows: 2, isPlain: true });
  const generalCut = await read({ ...wide, chunkRows: 2, isPlain: false });
  compare('in chunks of two', cut, generalCut, false);
  return plain.fed;
}

function compare(where: string, plain: Read, general: Read, isExact: boolean): void {
  const same = isExact ? plain.error === general.error : (plain.error === null) === (general.error === null);
  if (!same) throw new Error(`${where}: ${plain.error ?? 'no error'}\ninstead of ${general.error ?? 'no error'}`);
  // Before an error one way may have yielded more than the other.
  const count =
    general.error === null
      ? Math.max(plain.rows.length, general.rows.length)
      : Math.min(plain.rows.length, general.rows.length);
  const [found, wanted] = [plain, general].map(({ rows }) => toText(rows.slice(0, count)));
  if (found !== wanted) throw new Error(`${where}: ${found}\ninstead of ${wanted}`);
}

/** With the sign of zeros, and numbers apart from bigints and texts. */
const toText = (rows: unknown[][]): string =>
  rows
    .map((row) => row.map((value) => (Object.is(value, -0) ? '-0' : `${typeof value}:${String(value)}`)).join())
    .join('\n');

interface Way {
  readonly plan: FeedPlan;
  readonly format: Format;
  readonly text: string;
  readonly sizes: readonly number[];
  readonly chunkRows: number;
  readonly isPlain: boolean;
}

async function read({ plan, format, text, sizes, chunkRows, isPlain }: Way): Promise<Read> {
  const issues = new IssueList();
  const options = { chunkRows, ...(isPlain ? { plan } : {}) };
  const rows: unknown[][] = [];
  let fed = 0;
  try {
    for await (const chunk of decode()) {
      const isFed = 'feeds' in chunk;
      const feeds = isFed ? chunk.feeds : toFeeds(plan, chunk, rows.length + 1, issues);
      issues.throwIfAny();
      const count = isFed ? chunk.rows : chunk.length;
      for (let r = 0; r < count; r += 1) rows.push(feeds.flatMap((feed) => getRow(feed, r, count)));
      if (isFed) fed += count;
    }
    return { rows, error: null, fed };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message, details } = error;
    return { rows, error: `${code}: ${message} ${JSON.stringify(details.issues ?? [])}`, fed };
  }

  function decode(): AsyncIterable<Chunk> | Iterable<Chunk> {
    const { columns } = plan;
    if (format === 'csv') return decodeCsv(toBody(text, sizes), columns, issues, options);
    if (format === 'ndjson') return decodeNdjson(toBody(text, sizes), columns, issues, options);
    return (isPlain ? decodePlainJson(text, plan, chunkRows) : null) ?? [decodeJson(text, columns, issues).rows];
  }
}

function getRow({ tensor }: NamedTensor, row: number, rows: number): unknown[] {
  const data: TensorData = tensor.data;
  const width = data.length / rows;
  return Array.from({ length: width }, (_, i) => data[row * width + i]);
}

function checkQuery(plan: FeedPlan, search: string): number {
  const feeds = createQueryFeeder(plan)(search);
  if (feeds === null) return 0;
  const fast = toText([feeds.flatMap((feed) => getRow(feed, 0, 1))]);
  const issues = new IssueList();
  const row = decodeQuery(search, plan.columns, issues);
  const general = toText([toFeeds(plan, [row], 1, issues).flatMap((feed) => getRow(feed, 0, 1))]);
  issues.throwIfAny();
  if (fast !== general) throw new Error(`${fast}\ninstead of ${general}`);
  return 1;
}

const toBody = (text: string, sizes: readonly number[]): ReadableStream<Uint8Array> =>
  createByteStream(cut(text, sizes).next);

/** Texts of cells and values that are right for some type, nearly right, or wrong. */
export const CELLS: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) },
  { weight: 8, arbitrary: fc.integer({ min: -300, max: 300 }).map((n) => String(n / 8)) },
  { weight: 8, arbitrary: fc.integer().map(String) },
  { weight: 4, arbitrary: fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String) },
  { weight: 4, arbitrary: fc.stringMatching(/^[+-]?\d{0,20}\.?\d{0,20}$/) },
  { weight: 2, arbitrary: fc.stringMatching(/^[+-]?\d{1,3}\.?\d{0,3}[eE][+-]?\d{1,3}$/) },
  {
    weight: 10,
    arbitrary: fc.constantFrom(
      ...['0', '1', '2', '100', '-0', '0.0', '00', '01', '1.', '.5', '+1', '-', '.', '', ' ', ' 1', '1 ', '1,5', '1_0'],
      ...[
        'NaN',
        'nan',
        'NA',
        'null',
        'None',
        'Infinity',
        '-inf',
        '1e400',
        '1e-400',
        '0x10',
        '1n',
        'true',
        'false',
        'TRUE',
      ],
      ...['x', 'none', 'é', '\u0000', '\u007f', '\ufeff', '\u2028', '1\u00a0', '٣', '1\r', '\t1', 'q"q', "'1'"],
      ...[
        '9007199254740993',
        '123456789012345',
        '1234567890123456',
        '0.1',
        '3.4028236e38',
        '65504',
        '65520',
        '-129',
        '256',
      ],
    ),
  },
);

export const usually = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>, weight: number) =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: other });

/** A value as text that fits the feature, mostly. */
const toCell = ({ type, values, encoding }: Feature): fc.Arbitrary<string> => {
  const allowed = values ?? encoding?.map(([sent]) => sent);
  if (allowed !== undefined) return usually(fc.constantFrom(...allowed.map(String)), CELLS, 60);
  const right: Record<Feature['type'], fc.Arbitrary<string>> = {
    number: fc.oneof(
      fc.integer({ min: -1000, max: 1000 }).map((n) => String(n / 16)),
      fc.double({ min: -6e4, max: 6e4, noNaN: true }).map(String),
      fc.constantFrom('0', '1', '2', '100'),
    ),
    integer: fc.integer({ min: 0, max: 127 }).map(String),
    boolean: fc.constantFrom('true', 'false', '1', '0'),
    string: fc.oneof(fc.constantFrom('x', '', 'none', '1'), fc.string({ maxLength: 6 })),
    image: fc.constant(''),
  };
  return usually(right[type], CELLS, 60);
};

function toCsv(manifest: Manifest): fc.Arbitrary<string> {
  const delimiter = usually(fc.constant(','), fc.constantFrom(';', '\t', '|'), 2);
  const names = manifest.features.flatMap(({ name, length = 1 }) => new Array<string>(length).fill(name));
  const label = [manifest.label ?? []].flat();
  const header = fc.shuffledSubarray([...names, ...label], { minLength: Math.max(1, names.length) });
  return fc
    .tuple(delimiter, usually(header, fc.array(fc.constantFrom(...NAMES, 'label'), { maxLength: 4 }), 20))
    .chain(([by, columns]) => {
      const isQuoted = usually(fc.constant(false), fc.constant(true), 20);
      const cells = columns.map((name) => {
        const feature = manifest.features.find((each) => each.name === name);
        return fc.tuple(feature === undefined ? CELLS : toCell(feature), isQuoted);
      });
      const write = ([cell, quoted]: [string, boolean]) =>
        quoted || /[\n"]/.test(cell) || cell.includes(by) ? `"${cell.replaceAll('"', '""')}"` : cell;
      const end = usually(
        fc.constantFrom('\n', '\r\n'),
        fc.constantFrom('\n\n', ' \n', `${by}\n`, '\r', '\r\r\n', '\n \n', '"\n', ''),
        60,
      );
      const record = fc.tuple(fc.tuple(...cells), end).map(([row, last]) => row.map(write).join(by) + last);
      const first = columns.map((name) => write([name, false])).join(by);
      return fc.tuple(end, fc.array(record, { maxLength: 9 })).map(([last, rows]) => first + last + rows.join(''));
    });
}

function toJsonValue(feature: Feature): fc.Arbitrary<string> {
  const scalar = fc
    .tuple(toCell(feature), usually(fc.constant(feature.type === 'string'), fc.boolean(), 15))
    .map(([cell, isText]) => (isText ? JSON.stringify(cell) : cell));
  const { length } = feature;
  if (length === undefined) return usually(scalar, fc.constantFrom('[1]', '{}', '[]', '"\\u0031"', '1 1', 'null'), 30);
  const list = usually(fc.constant(length), fc.integer({ min: 0, max: 4 }), 20).chain((size) =>
    fc
      .tuple(...new Array<typeof scalar>(size).fill(scalar), fc.constantFrom('', ' '))
      .map((all) => `[${all.slice(0, -1).join(`,${all.at(-1)}`)}]`),
  );
  return usually(list, fc.oneof(scalar, fc.constantFrom('[[1]]', '"[1,2]"', '[1,]', '[,]')), 20);
}

function toObject(manifest: Manifest): fc.Arbitrary<string> {
  const space = usually(fc.constant(''), fc.constantFrom(' ', '\t', '\r', '\n', '  '), 4);
  const key = (name: string) =>
    usually(fc.constant(JSON.stringify(name)), fc.constantFrom(`"${name}"`, `"\\u0061"`, `'${name}'`), 40);
  const members = manifest.features.map((feature) => fc.tuple(key(feature.name), space, toJsonValue(feature)));
  const label = [manifest.label ?? []]
    .flat()
    .map((name) => fc.tuple(fc.constant(JSON.stringify(name)), space, fc.oneof(fc.constant('"x"'), CELLS)));
  const extra = usually(
    fc.constant<string[]>([]),
    fc.constantFrom(['"a":1'], ['"__proto__":{}'], ['"unknown":1'], [''], ['"ab"'], ['"a"::1']),
    30,
  );
  return fc
    .tuple(
      fc.tuple(...members, ...label),
      extra,
      space,
      usually(fc.constant(0), fc.integer({ min: 0, max: 6 }), 3),
      usually(fc.constant(0), fc.integer({ min: 0, max: 3 }), 8),
    )
    .map(([all, more, blank, turn, missing]) => {
      const written = all.map(([name, gap, value]) => `${name}:${gap}${value}`);
      const turned = [...written.slice(turn), ...written.slice(0, turn), ...more].slice(missing);
      return `{${blank}${turned.join(`,${blank}`)}${blank}}`;
    });
}

function toQuery(manifest: Manifest): fc.Arbitrary<string> {
  const pairs = manifest.features.map((feature) =>
    fc
      .tuple(toCell(feature), fc.constantFrom(encodeURIComponent(feature.name), feature.name))
      .map(([cell, name]) => `${name}=${encodeURIComponent(cell)}`),
  );
  const extra = usually(
    fc.constant<string[]>([]),
    fc.constantFrom(['a=1'], ['a'], ['='], [''], ['%=1'], ['a=%ff'], ['a=1#x'], ['$include=top']),
    6,
  );
  return fc.tuple(fc.tuple(...pairs), extra).map(([all, more]) => [...all, ...more].join('&'));
}

/** Some characters elsewhere: what no grammar thinks of. */
const damage = (text: fc.Arbitrary<string>): fc.Arbitrary<string> => {
  const bit = fc.constantFrom(
    '"',
    ',',
    '\n',
    '\r',
    '{',
    '}',
    '[',
    ']',
    ':',
    '\\',
    '-',
    '.',
    'e',
    '0',
    ' ',
    '\u0000',
    'é',
    '&',
    '=',
    '%',
    '+',
    '',
  );
  const cut = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 2 }), bit), { minLength: 1, maxLength: 3 });
  const broken = fc.tuple(text, cut).map(([whole, cuts]) =>
    cuts.reduce((all, [at, gone, put]) => {
      const place = at % (all.length + 1);
      return all.slice(0, place) + put + all.slice(place + gone);
    }, whole),
  );
  return usually(text, broken, 2);
};

/** Bodies and query strings for a manifest: right, nearly right, broken. */
export function textsFor(manifest: Manifest): Record<Format, fc.Arbitrary<string>> {
  const object = toObject(manifest);
  const objects = (separator: string, odd: readonly string[]) =>
    fc
      .array(fc.tuple(object, usually(fc.constant(separator), fc.constantFrom(...odd), 20)), { maxLength: 7 })
      .map((all) =>
        all.map(([each, between], i) => each + (i + 1 < all.length || separator === '\n' ? between : '')).join(''),
      );
  return {
    csv: damage(toCsv(manifest)),
    ndjson: damage(objects('\n', ['\r\n', '\n\n', ' \n', '', ',\n'])),
    json: damage(
      fc.oneof(
        object,
        objects(',', [' , ', ',\n', '', ',,']).map((text) => `[${text}]`),
      ),
    ),
    query: damage(toQuery(manifest)),
  };
}

export const decoderCases: fc.Arbitrary<DecoderCase> = manifests.chain((manifest) => {
  const texts = textsFor(manifest);
  return fc.constantFrom<Format>('csv', 'ndjson', 'json', 'query').chain((format) =>
    fc.record({
      manifest: fc.constant(manifest),
      format: fc.constant(format),
      text: texts[format],
      sizes: fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 4 }),
    }),
  );
});
