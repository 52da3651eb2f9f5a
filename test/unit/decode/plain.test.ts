// Rows that are read straight into tensors must be the rows of the general way, bit for bit, and its errors.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Chunk } from '../../../worker/decode/chunk.ts';
import { decodeCsv } from '../../../worker/decode/csv.ts';
import { Cursor, createDelimiters, readDecimals } from '../../../worker/decode/decimal.ts';
import { decodeJson, decodePlainJson } from '../../../worker/decode/json.ts';
import { decodeNdjson } from '../../../worker/decode/ndjson.ts';
import { IssueList } from '../../../worker/pipeline/issues.ts';
import { createFeedPlan, type FeedPlan, type TensorData, toFeeds } from '../../../worker/pipeline/tensor.ts';
import { toBody } from './support.ts';

const plan = createFeedPlan({
  manifest_version: 1,
  task: 'regression',
  label: 'label',
  features: [
    { name: 'a', type: 'number' },
    { name: 'b', type: 'number', optional: true },
    { name: 'n', type: 'integer' },
    { name: 's', type: 'string', default: 'none' },
    { name: 'flag', type: 'boolean' },
    { name: 'w', type: 'number', length: 2 },
  ],
  inputs: [
    { name: 'X', dtype: 'float32', shape: [null, 4], features: ['a', 'b', 'w'] },
    { name: 'N', dtype: 'int64', shape: [null, 1], features: ['n'] },
    { name: 'S', dtype: 'string', shape: [null, 1], features: ['s'] },
    { name: 'F', dtype: 'bool', shape: [null, 1], features: ['flag'] },
  ],
  output: { value: { tensors: ['v'] } },
  batch: 'dynamic',
});

type Type = 'csv' | 'ndjson' | 'json';

interface Read {
  /** The values of each row, or the error that came instead of the rest. */
  readonly rows: unknown[][];
  readonly error: string | null;
  /** How many rows came as tensors. */
  readonly fed: number;
}

async function read(decode: (issues: IssueList) => AsyncIterable<Chunk> | Iterable<Chunk>): Promise<Read> {
  const issues = new IssueList();
  const rows: unknown[][] = [];
  let fed = 0;
  try {
    for await (const chunk of decode(issues)) {
      const isFed = 'feeds' in chunk;
      const count = isFed ? chunk.rows : chunk.length;
      const feeds = isFed ? chunk.feeds : toFeeds(plan, chunk, rows.length + 1, issues);
      issues.throwIfAny();
      for (let r = 0; r < count; r += 1) {
        rows.push(
          feeds.flatMap(({ tensor }) =>
            toList(tensor.data).slice((r * tensor.data.length) / count, ((r + 1) * tensor.data.length) / count),
          ),
        );
      }
      if (isFed) fed += count;
    }
    return { rows, error: null, fed };
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { rows, error: `${code}: ${message}`, fed };
  }
}

const toList = (data: TensorData): unknown[] => Array.from(data as ArrayLike<unknown>);

/** Both ways, in pieces of those sizes. What came before an error depends on the chunks and is not compared. */
async function readBoth(type: Type, text: string, sizes: number[]): Promise<Read> {
  const [plain, general] = await readIn(type, text, sizes, 1000);
  expect(plain.error).toBe(general.error);
  if (general.error === null) expect(plain.rows).toEqual(general.rows);
  const [cut] = await readIn(type, text, sizes, 3);
  // What is wrong is reported chunk by chunk.
  expect(cut.error === null).toBe(general.error === null);
  if (general.error === null) expect(cut.rows).toEqual(general.rows);
  return cut;
}

async function readIn(type: Type, text: string, sizes: number[], chunkRows: number): Promise<[Read, Read]> {
  const decode = (way: FeedPlan | undefined) => (issues: IssueList) => {
    const options = { chunkRows, ...(way && { plan: way }) };
    if (type === 'csv') return decodeCsv(toBody(text, sizes).body, plan.columns, issues, options);
    if (type === 'ndjson') return decodeNdjson(toBody(text, sizes).body, plan.columns, issues, options);
    return (way && decodePlainJson(text, way, chunkRows)) ?? [decodeJson(text, plan.columns, issues).rows];
  };
  return [await read(decode(plan)), await read(decode(undefined))];
}

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 }).map(String),
  fc.integer({ min: -1e9, max: 1e9 }).map((n) => String(n / 1000)),
  fc.constantFrom(
    '0',
    '-0',
    '5.10',
    '0.1',
    '123456789012345',
    '1234567890123456789',
    '9007199254740993',
    '1e3',
    '2E-4',
  ),
);
const odd = fc.constantFrom(
  '',
  ' 1',
  '+1',
  '1.',
  '.5',
  '01',
  '1,5',
  'nan',
  'NaN',
  'x',
  '--1',
  '1e400',
  '0x10',
  '-',
  '.',
);
const integer = fc.oneof(fc.integer().map(String), fc.constantFrom('3.0', '12345678901234567890', '-0', '7'));
const word = fc.constantFrom('x', 'two words', '', 'é', '1', 'null', "it's");
const flag = fc.constantFrom('true', 'false', '1', '0', 'TRUE');
const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 });
const rarely = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 40, arbitrary: usual }, { weight: 1, arbitrary: other });

describe('a CSV', () => {
  const record = fc.record({
    a: rarely(number, odd),
    b: fc.oneof(number, fc.constantFrom('', 'nan')),
    n: rarely(integer, odd),
    s: rarely(word, fc.constantFrom('"a,b"', '"line\nbreak"', '"')),
    flag: rarely(flag, odd),
    w: number,
    v: rarely(number, odd),
    label: fc.constantFrom('x', '', 'größe', 'q'),
    end: rarely(fc.constantFrom('\n', '\r\n'), fc.constantFrom('\n\n', ' \n', ',\n', '\r')),
  });

  it('is read alike in both ways', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 12 }), sizes, fc.boolean(), async (records, pieces, isCut) => {
        const lines = records.map(
          ({ a, b, n, s, flag, w, v, label, end }) => `${[w, a, b, label, n, s, flag, v]}${end}`,
        );
        const text = `w,a,b,label,n,s,flag,w\n${lines.join('')}`;
        await readBoth('csv', isCut ? text.slice(0, -1) : text, pieces);
      }),
      { numRuns: 400 },
    );
  });

  it('is read straight into tensors where it is plain, and again after what is not', async () => {
    const header = 'a,b,n,s,flag,w,w\n';
    const rows = '1,2,3,x,true,4.5,5\n'.repeat(7);
    expect((await readBoth('csv', header + rows, [20])).fed).toBe(7);
    const mixed = await readBoth('csv', `${header}${rows}1,2,3,"x",true,4.5,5\n${rows}${rows}`, [40]);
    expect(mixed.rows).toHaveLength(22);
    expect(mixed.fed).toBeGreaterThan(14);
  });

  it('fills what is absent, and reads decimal commas', async () => {
    const { rows, fed } = await readBoth('csv', 'a;n;flag;w;w\n1,5;2;1;-,5;3\n', [100]);
    expect(rows).toEqual([[1.5, Number.NaN, -0.5, 3, 2n, 'none', 1]]);
    expect(fed).toBe(1);
  });
});

const member = {
  a: rarely(number, fc.constantFrom('01', '1.', '.5', '+1', 'NaN', '"1.5"', 'null', '[1]', '"x"', '{}')),
  b: fc.oneof(number, fc.constantFrom('null', '""', '"nan"')),
  n: rarely(integer, fc.constantFrom('1.5', '"7"', 'true')),
  s: fc.constantFrom('"x"', '"two words"', '"\\n"', '"é"', '7', 'null', 'true', '""'),
  flag: fc.constantFrom('true', 'false', '1', '0', '"true"'),
  w: rarely(
    fc.tuple(number, number).map(([x, y]) => `[${x}, ${y}]`),
    fc.constantFrom('[1]', '[1,2,3]', '1', '[1,null]', '"[1,2]"'),
  ),
  label: rarely(fc.constantFrom('"x"', '1', 'null'), fc.constantFrom('[1]', '{"a":1}', '"\\"')),
};
const object = fc
  .tuple(
    fc.record(member, { requiredKeys: ['a', 'n', 'flag', 'w'] }),
    rarely(fc.constant(''), fc.constantFrom('"a":1', '"c":1', '"b":2,', 'x')),
    fc.integer({ min: 0, max: 6 }),
    fc.constantFrom('', ' ', '\t'),
  )
  .map(([record, extra, turn, space]) => write(record, extra, turn, space));

function write(record: object, extra: string, turn: number, space: string): string {
  const members = Object.entries(record).map(([key, value]) => `"${key}":${space}${value}`);
  const turned = [...members.slice(turn), ...members.slice(0, turn), ...(extra === '' ? [] : [extra])];
  return `{${turned.join(`,${space}`)}${space}}`;
}

/** Objects as one program writes them: the same keys in the same order with the same blanks, but for one in ten. */
const alike = fc
  .tuple(fc.subarray(['b', 's', 'label']), fc.integer({ min: 0, max: 6 }), fc.constantFrom('', ' ', '\t'))
  .chain(([optional, turn, space]) => {
    const { b, s, label, ...required } = member;
    const chosen = Object.fromEntries(Object.entries({ b, s, label }).filter(([key]) => optional.includes(key)));
    const usual = fc.record({ ...required, ...chosen }).map((record) => write(record, '', turn, space));
    return fc.array(fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: object }), { maxLength: 12 });
  });

describe('NDJSON', () => {
  it('is read alike in both ways', async () => {
    const end = rarely(fc.constantFrom('\n', '\r\n', ' \n', '\n\n'), fc.constantFrom('', ',\n', '\n \r\n', 'x\n'));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(object, end), { maxLength: 12 }), sizes, async (lines, pieces) => {
        await readBoth('ndjson', lines.flat().join(''), pieces);
      }),
      { numRuns: 400 },
    );
  });

  it('of objects that are alike is read alike in both ways', async () => {
    await fc.assert(
      fc.asyncProperty(alike, sizes, async (objects, pieces) => {
        await readBoth('ndjson', objects.map((each) => `${each}\n`).join(''), pieces);
      }),
      { numRuns: 400 },
    );
  });

  it('is read straight into tensors where it is plain, whatever the order of keys', async () => {
    const line = '{"a":1,"n":2,"flag":true,"w":[1,2],"label":"x"}\n{"w":[3, 4],"flag":0,"n":-5,"a":6.5}\n';
    const { rows, fed } = await readBoth('ndjson', line.repeat(3), [30]);
    expect(rows[1]).toEqual([6.5, Number.NaN, 3, 4, -5n, 'none', 0]);
    expect(fed).toBe(6);
  });

  it('holds one object in a line', async () => {
    expect((await readBoth('ndjson', '{"a":1,\n"n":2,"flag":1,"w":[1,2]}\n', [200])).error).toMatch(/Row 1 \(line 1\)/);
  });
});

describe('a JSON array', () => {
  it('is read alike in both ways', async () => {
    const separator = rarely(fc.constantFrom(',', ', ', ',\n'), fc.constantFrom('', ',,', ';'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(object, separator), { maxLength: 12 }),
        fc.constantFrom(']', ' ] ', '', ']x'),
        async (items, end) => {
          const text = items
            .flatMap(([item, between], i) => (i + 1 < items.length ? [item, between] : [item]))
            .join('');
          await readBoth('json', `[${text}${end}`, [1]);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('of objects that are alike is read alike in both ways', async () => {
    await fc.assert(
      fc.asyncProperty(alike, fc.constantFrom(',', ', ', ',\n '), async (objects, separator) => {
        await readBoth('json', `[${objects.join(separator)}]`, [1]);
      }),
      { numRuns: 400 },
    );
  });

  it('is read straight into tensors where it is plain', async () => {
    const { fed } = await readBoth(
      'json',
      ` [\n  ${Array(7).fill('{"a":1,"n":2,"flag":true,"w":[1,2]}').join(' ,\n')}\n]\n`,
      [1],
    );
    expect(fed).toBe(7);
  });
});

it('reads decimals as Number() does', () => {
  const cursor = new Cursor();
  const into = new Float64Array(2);
  const gaps = createDelimiters(0x3b, 2);
  const toNumber = (text: string, isJson: boolean): number => {
    cursor.load(`7;${text}`);
    const read = readDecimals(cursor, gaps, into, 0, Int32Array.of(1, 0), 0, 2, isJson);
    return read === 2 && cursor.at === text.length + 2 ? (into[0] ?? 0) : Number.NaN;
  };
  const digits = fc.stringMatching(/^[+-]?(?:\d{1,15}|\d{0,7}\.\d{1,8}|\d{1,8}\.\d{0,7})$/);
  fc.assert(
    fc.property(digits, (text) => {
      expect(toNumber(text, false)).toBe(Number(text));
      expect(toNumber(text, true)).toBe(/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN);
    }),
    { numRuns: 5000 },
  );
  for (const text of ['1234567890123456', '.', '-', '', '1.2.3', '1e5', '+-1']) expect(toNumber(text, false)).toBeNaN();
});
