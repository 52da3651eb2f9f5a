// Whatever a row holds, each language reads back what was put into its source: a thousand hostile texts and numbers.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { go } from '../../../../playground/src/snippets/go.ts';
import { toObject } from '../../../../playground/src/snippets/javascript.ts';
import { quoteShell, toJson, toQuery } from '../../../../playground/src/snippets/literals.ts';
import { toArray } from '../../../../playground/src/snippets/php.ts';
import { toDict } from '../../../../playground/src/snippets/python.ts';
import type { SnippetImage, SnippetRow, SnippetValue } from '../../../../playground/src/snippets/request.ts';
import { toHash } from '../../../../playground/src/snippets/ruby.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-literals-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What ends texts, begins expressions or escapes, or is not to be seen, in one of the languages. */
const BITS = [
  ...`'"\`\\$#{}@%<>?=&;!~*[]()/,: `,
  ...[
    '\n',
    '\r',
    '\t',
    '\v',
    '\x1b',
    '\x7f',
    '\x85',
    '\xa0',
    '\u2028',
    '\u202e',
    '\ufeff',
    'é',
    '漢',
    '👩‍🌾',
    '\u{10ffff}',
  ],
  ...[
    '#{1}',
    `\${1}`,
    '$HOME',
    '`id`',
    '\\u0041',
    '\\n',
    '\\',
    '"""',
    "'''",
    '?>',
    '<?php',
    '*/',
    '//',
    '%s',
    '0',
    '17',
  ],
  ...['__proto__', 'constructor', 'NULL', 'true', '-1', '\n"""\n', '\nEOF\n'],
];
const text = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(fc.constantFrom(...BITS), { minLength: 1, maxLength: 8 }).map((bits) => bits.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1 }).map((each) => `x${each.replaceAll('\0', '')}`) },
);
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each + 0 || 0),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(1e21, 1e-7, 5e-324, 2 ** 53, 123456789012345680000, Number.MAX_VALUE),
);
const value: fc.Arbitrary<SnippetValue> = fc.oneof(
  text,
  fc.constant(''),
  number,
  fc.boolean(),
  fc.constant(null),
  fc.array(number, { maxLength: 4 }),
);
const row: fc.Arbitrary<SnippetRow> = fc
  .array(fc.tuple(text, value), { minLength: 1, maxLength: 6 })
  .map((entries) => Object.fromEntries(entries));
const numbered: SnippetRow = { 0: 1, 1: 'b', 2: null };
const rows = [numbered, ...fc.sample(row, 1000)];

it('JavaScript', () => {
  fc.assert(
    fc.property(row, (given) => {
      // As text: what another realm made equals nothing of this one.
      const read = runInNewContext(`JSON.stringify(${toObject(given)})`) as string;
      expect(JSON.parse(read)).toEqual(given);
    }),
    { numRuns: 1000 },
  );
});

it('JSON', () => {
  fc.assert(
    fc.property(row, (given) => {
      expect(JSON.parse(toJson(given))).toEqual(given);
    }),
    { numRuns: 1000 },
  );
});

it('query strings, which need no quotes of any language', () => {
  const texts: SnippetRow = Object.fromEntries(rows.flatMap((each) => Object.entries(each)));
  expect(toQuery(texts)).toMatch(/^\?[\w*.+%&=-]+$/);
  const read = new URLSearchParams(toQuery(texts));
  for (const [name, each] of Object.entries(texts)) {
    expect(read.getAll(name)).toEqual(each === null ? [] : [each].flat().map(String));
  }
});

/** Runs a program that prints a JSON array of the rows it was written with. */
function readBack(command: string, file: string, program: string): unknown {
  const path = join(folder, file);
  writeFileSync(path, program);
  const { stdout, stderr, status } = spawnSync(command, [path], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

const has = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;
const list = (write: (given: SnippetRow) => string): string => rows.map(write).join(',\n');

it.skipIf(!has('python3', '--version'))('Python', () => {
  const program = `import json\nprint(json.dumps([${list(toDict)}]))\n`;
  expect(readBack('python3', 'rows.py', program)).toEqual(rows);
});

it.skipIf(!has('php', '--version'))('PHP', () => {
  const program = `<?php echo json_encode([${list(toArray)}], JSON_THROW_ON_ERROR);`;
  expect(readBack('php', 'rows.php', program)).toEqual(rows);
});

it.skipIf(!has('ruby', '--version'))('Ruby', () => {
  const program = `require 'json'\nputs JSON.generate([${list(toHash)}])\n`;
  expect(readBack('ruby', 'rows.rb', program)).toEqual(rows);
});

it.skipIf(spawnSync('gofmt').error !== undefined)('Go, as gofmt leaves it', () => {
  const short: SnippetRow = {
    x: 1,
    größe: [1, 2.5],
    'sepal length': 'a',
    ['漢'.repeat(5)]: null,
    ['y'.repeat(38)]: true,
  };
  const image: SnippetImage = { feature: 'photo', file: 'image.png', type: 'image/png' };
  for (const request of [
    { row: short, image: null },
    { row: short, image },
    { row: {}, image },
  ]) {
    const source = go.write(request);
    const { stdout, stderr } = spawnSync('gofmt', { input: source, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toBe(source);
  }
});

it('a shell', () => {
  const words = rows.flatMap((each) => [quoteShell(toJson(each))]);
  const program = `printf '%s\\0' ${words.join(' \\\n')}\n`;
  writeFileSync(join(folder, 'rows.sh'), program);
  const { stdout } = spawnSync('sh', [join(folder, 'rows.sh')], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  expect(
    stdout
      .split('\0')
      .slice(0, -1)
      .map((each) => JSON.parse(each)),
  ).toEqual(rows);
});
