import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCsv } from '../../../worker/decode/csv.ts';
import { LIMITS } from '../../../worker/limits.ts';
import type { Row } from '../../../worker/pipeline/row.ts';
import { catchError, collect, createIssues, expectRest, toBody, toColumns, toRows } from './support.ts';

const columns = toColumns({ a: 'number', 'b, c': 'string' }, 'label');
const options = { chunkRows: 3 };

function decode(content: string | Uint8Array, of = columns, sizes?: readonly number[]): Promise<Row[]> {
  return collect(decodeCsv(toBody(content, sizes).body, of, createIssues(), options));
}

describe('rows', () => {
  it('reads columns in any order and ignores the label', async () => {
    expect(await decode('label,"b, c",a\nx,text,1\ny,,2\n')).toEqual([
      ['1', 'text'],
      ['2', ''],
    ]);
  });

  it('yields chunks of at most chunkRows', async () => {
    const sizes: number[] = [];
    const body = toBody(`a\n${'1\n'.repeat(8)}`).body;
    for await (const rows of decodeCsv(body, toColumns({ a: 'number' }), createIssues(), options))
      sizes.push(toRows(rows).length);
    expect(sizes).toEqual([3, 3, 2]);
  });

  it('reads quotes, escapes and line breaks in cells', async () => {
    expect(await decode('a,"b, c"\n1,"x, ""y""\nz"\n2,"é😀"')).toEqual([
      ['1', 'x, "y"\nz'],
      ['2', 'é😀'],
    ]);
  });

  it.each(['\n', '\r\n', '\r'])('reads lines that end in %j, the last one or not', async (end) => {
    const lines = ['a,"b, c"', '1,x', '', '2,"y"', '3,z'];
    const expected = [
      ['1', 'x'],
      ['2', 'y'],
      ['3', 'z'],
    ];
    expect(await decode(lines.join(end))).toEqual(expected);
    expect(await decode(lines.join(end) + end)).toEqual(expected);
    expect(await decode(`\uFEFF${lines.join(end)}${end}${end}`)).toEqual(expected);
  });

  it('reads a file whose header and rows end lines differently', async () => {
    expect(await decode('a,"b, c"\r\n1,x\n2,"y"\n')).toEqual([
      ['1', 'x'],
      ['2', 'y'],
    ]);
    expect(await decode('a,"b, c"\n1,x\r\n2,"y"\r\n3,"z"\r')).toEqual([
      ['1', 'x'],
      ['2', 'y'],
      ['3', 'z'],
    ]);
  });

  it('fills a vector from repeated columns, and leaves a JSON array to the feature', async () => {
    const window = toColumns({ w: 'number', s: 'string' });
    expect(await decode('w,s,w,w\n1,x,2,3\n', window)).toEqual([[['1', '2', '3'], 'x']]);
    expect(await decode('w;s\n[1,2];x\n', window)).toEqual([['[1,2]', 'x']]);
  });

  it.each([';', '\t', '|'])('finds the delimiter %j and reads decimal commas of numbers only', async (delimiter) => {
    const text = [
      ['a', '"b, c"', 'label'],
      ['1,5', '1,5', 'x'],
      ['-,5e-3', '"q, r"', 'x'],
    ];
    expect(await decode(text.map((cells) => cells.join(delimiter)).join('\n'))).toEqual([
      ['1.5', '1,5'],
      ['-.5e-3', 'q, r'],
    ]);
  });

  it('takes no row for a blank line in a file of one column, and no blank line for a row', async () => {
    const one = toColumns({ a: 'string' });
    expect(await decode('a\r\n\r\n"x"\r\ny\r\n', one)).toEqual([['x'], ['y']]);
    const { message } = await catchError(() => decode('a\n,x\n"y"\n', one));
    expect(message).toContain('Row 1 (line 2) of the CSV is malformed: it has 2 cells');
  });

  it('knows a quoted empty cell from a blank line in a file of one column', async () => {
    const text = toColumns({ t: 'string' });
    expect(await decode('t\n""\n\nx\n"a\n\nb"\n""', text)).toEqual([[''], ['x'], ['a\n\nb'], ['']]);
  });

  it('answers a header alone with no rows', async () => {
    expect(await decode('a,"b, c"')).toEqual([]);
    expect(await decode('\n\na,"b, c"\n\n')).toEqual([]);
  });
});

describe('refusals', () => {
  it.each([
    ['', 'The CSV is empty'],
    ['\n \n', 'The CSV is empty'],
    ['5.1,3.5\n', 'The first line of a CSV is a header that names the columns: a,b, c.'],
    ['a,"b, c"\n1,x\n\n2,x,3\n', 'Row 2 (line 4) of the CSV is malformed: it has 3 cells, the header has 2.'],
    ['a,"b, c"\n1,"x\ny"\n2\n', 'Row 2 (line 4) of the CSV is malformed: it has 1 cell, the header has 2.'],
    ['a,"b, c"\n1,x\n2,"y"z\n', 'Row 2 (line 3) of the CSV is malformed: text follows a closing quote'],
    ['a,"b, c"\n1,x\n2,"y\n3,z\n', 'Row 2 (line 3) of the CSV is malformed: a quote is opened and never closed'],
  ])('refuses %j: %s', async (text, message) => {
    for (const sizes of [[1], [5], [1 << 20]]) {
      const error = await catchError(() => decode(text, columns, sizes));
      expect(error.code).toBe('malformed_body');
      expect(error.message).toContain(message);
    }
  });

  it('reports unknown columns at once', async () => {
    const error = await catchError(() => decode(',A1,a,"B, C"\n1,2,3,4\n'));
    expect(error).toMatchObject({
      code: 'unknown_feature',
      details: { issues: [{ row: 1, feature: '' }, { feature: 'A1' }, { feature: 'B, C', suggestion: 'b, c' }] },
    });
    expect(error.message).toContain('to_csv(index=False)');
  });

  it('says where bytes are not UTF-8', async () => {
    const bytes = new Uint8Array([...new TextEncoder().encode('a,"b, c"\n1,é'), 0xe9, 0x0a]);
    for (const sizes of [[1], [13], [100]]) {
      const error = await catchError(() => decode(bytes, columns, sizes));
      expect(error).toMatchObject({ code: 'malformed_body' });
      // The lead byte is possible until the line break follows it.
      expect(error.message).toContain('not UTF-8 text: byte 15');
    }
    const utf16 = new Uint8Array([0xff, 0xfe, 0x61, 0]);
    for (const sizes of [[1], [4]]) {
      expect((await catchError(() => decode(utf16, columns, sizes))).message).toContain('it looks like UTF-16');
    }
    const cut = new TextEncoder().encode('a\n1é').slice(0, -1);
    expect((await catchError(() => decode(cut))).message).toContain('in the middle of a character');
  });

  it('bounds a line, and so an open quote', async () => {
    const long = 'x'.repeat(LIMITS.LINE_BYTES + 70_000);
    for (const text of [long, `a,"b, c"\n1,"${long}`, `a,"b, c"\n1,${long}`]) {
      const error = await catchError(() => decode(text, columns, [10_000]));
      expect(error).toMatchObject({ code: 'body_too_large' });
      expect(error.message).toContain(String(LIMITS.LINE_BYTES));
    }
  });

  it('leaves the rest of the body after a bad row, or when nobody reads on', async () => {
    const bad = toBody(`a,"b, c"\n1\n${'1,x\n'.repeat(20)}`, [9]);
    await catchError(() => collect(decodeCsv(bad.body, columns, createIssues(), options)));
    await expectRest(bad);
    const left = toBody(`a,"b, c"\n${'1,x\n'.repeat(20)}`, [9]);
    for await (const _ of decodeCsv(left.body, columns, createIssues(), options)) break;
    await expectRest(left);
  });
});

const cell = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ';', 'é', '😀', ' ', '\t'), maxLength: 6 }),
  fc.constantFrom('', '""', '1', '1.5', '[1,2]'),
);
const quote = (text: string) => (/["\n\r,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

it('gives the same rows however the bytes are cut', async () => {
  const table = fc.array(fc.tuple(fc.constantFrom('1', '2.5'), cell), { maxLength: 8 });
  const newline = fc.constantFrom('\n', '\r\n');
  const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(table, newline, sizes, fc.boolean(), async (rows, end, cuts, isEnded) => {
      const text = ['a,"b, c"', ...rows.map((cells) => cells.map(quote).join(','))].join(end) + (isEnded ? end : '');
      expect(await decode(text, columns, cuts)).toEqual(rows);
    }),
    { numRuns: 400 },
  );
});
