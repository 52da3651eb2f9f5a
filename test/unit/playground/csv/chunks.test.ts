// A file in chunks that the server takes, each row with its number and its line in the file.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sliceChunk, toBody } from '../../../../playground/src/csv/chunks.ts';
import { UnreadableFile } from '../../../../playground/src/csv/source.ts';
import { chunkOf, chunksOf, feature, schemaOf } from './support.ts';

const MIB = 1024 * 1024;
const rows = (count: number, row = '1,2\n') => `a,b\n${row.repeat(count)}`;

describe('chunks', () => {
  it('hold 500 rows, then 5,000 at most, with the header in front of each', async () => {
    const chunks = await chunksOf(rows(11_000), 1000);
    expect(chunks.map(({ records }) => records.length)).toEqual([500, 5000, 5000, 500]);
    expect(chunks.map(({ firstRow }) => firstRow)).toEqual([1, 501, 5501, 10_501]);
    expect(chunks.map(({ lines }) => lines[0])).toEqual([2, 502, 5502, 10_502]);
    for (const chunk of chunks) expect(toBody(chunk)).toBe(rows(chunk.records.length));
  });

  it('stay below 900 KiB, counted in bytes and not in characters', async () => {
    const chunks = await chunksOf(rows(3000, `"${'é'.repeat(400)}",2\n`), 64 * 1024);
    for (const chunk of chunks) expect(Buffer.byteLength(toBody(chunk))).toBeLessThanOrEqual(900 * 1024);
    expect(chunks.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(3000 * (2 * 400 + 5));
    expect(chunks.flatMap(({ records }) => records)).toHaveLength(3000);
  });

  it('are the same however the file comes in pieces', async () => {
    const cell = fc.constantFrom('1', '"x\ny"', '""', '"a ""b"""', ' ', '');
    const line = fc.oneof(
      fc.tuple(cell, cell).map((cells) => cells.join(',')),
      fc.constantFrom('', '  ', '""'),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 20 }),
        async (lines, size) => {
          const text = `\n \na,b\r\n1,2\r\n${lines.join('\r\n')}`;
          expect(await chunksOf(text, size)).toEqual(await chunksOf(text));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('know the line of each row, blank lines and line breaks in quotes counted', async () => {
    const chunk = await chunkOf('\r\n\r\na,"b\r\n"\r\n1,2\r\n\r\n  \r\n"x\r\ny",3\r\n4,5');
    expect(chunk.records).toEqual(['1,2', '"x\r\ny",3', '4,5']);
    expect(chunk.lines).toEqual([5, 8, 10]);
  });

  it('take what the API takes for a blank line for one', async () => {
    expect((await chunkOf('a,b\n""\n" "\n  \n1,2\n,\n')).records).toEqual(['1,2', ',']);
    const single = schemaOf({ features: [feature('a', { type: 'string' })] });
    expect((await chunkOf('a\n""\n\n \nx\n', single)).records).toEqual(['""', ' ', 'x']);
  });

  it('find the delimiter by the names that are known, and the roles of the columns', async () => {
    const { header } = await chunkOf('a;b;y;"x,1,2,3"\n1,5;2;3;4\n');
    expect(header.delimiter).toBe(';');
    expect(header.columns.map(({ role }) => role)).toEqual(['feature', 'feature', 'label', 'unknown']);
    expect(header.columns.map(({ isNumeric }) => isNumeric)).toEqual([true, true, false, false]);
    expect((await chunkOf(' a |b\n1|2\n')).header.columns[0]).toMatchObject({ name: 'a', role: 'feature' });
  });

  it('remember a byte order mark, and do not take it for a part of the first name', async () => {
    const chunk = await chunkOf('\uFEFFa,b\n1,2\n');
    expect(chunk).toMatchObject({ hasMark: true, header: { text: 'a,b' } });
  });

  it('can be cut', async () => {
    const chunk = await chunkOf('a,b\n1,2\n3,4\n\n55,66\n');
    const rest = sliceChunk(chunk, 1);
    expect(rest).toMatchObject({ firstRow: 2, records: ['3,4', '55,66'], lines: [3, 5], bytes: 10 });
    expect(sliceChunk(chunk, 0, 1).bytes + rest.bytes).toBe(chunk.bytes);
  });
});

describe('a file that cannot be sent', () => {
  it.each([
    ['', 'The file is empty.'],
    ['\n  \n', 'The file is empty.'],
    ['a,b\n\n', 'The file holds a header and no rows.'],
  ])('%j: %s', async (text, message) => {
    await expect(chunksOf(text)).rejects.toThrow(new UnreadableFile(message));
  });

  it('is said after its last good row, with the line', async () => {
    const seen: number[] = [];
    const read = async () => {
      const { readChunks } = await import('../../../../playground/src/csv/chunks.ts');
      const { piecesOf } = await import('./support.ts');
      const text = `a,b\n1,2\n3,4\n5,"${'x'.repeat(2 * MIB)}`;
      for await (const { records } of readChunks(piecesOf(text, 65_536), schemaOf())) seen.push(records.length);
    };
    await expect(read()).rejects.toThrow('The row on line 4 is longer than 1 MiB. Is a quote opened and never closed?');
    expect(seen).toEqual([2]);
  });

  it('has a row that no request can hold', async () => {
    await expect(chunksOf(`a,b\n1,${'é'.repeat(0.6 * MIB)}\n`)).rejects.toThrow(
      'The row on line 2 is longer than 1 MiB.',
    );
  });
});
