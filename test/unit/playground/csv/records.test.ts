// Raw records out of text in any pieces, as Papa Parse reads the whole text at once.
import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { splitCells } from '../../../../playground/src/csv/header.ts';
import { createRecordSplitter, LongRecord, RECORD_CHARACTERS } from '../../../../playground/src/csv/records.ts';

const delimiters = fc.constantFrom(',', ';', '\t', '|');
const newlines = fc.constantFrom('\n', '\r\n', '\r');
const cell = fc.string({
  unit: fc.constantFrom('"', ',', ';', '\t', '|', '\n', '\r', ' ', 'a', 'é', '😀'),
  maxLength: 6,
});
const cuts = fc.array(fc.nat(400), { maxLength: 8 });

function cutAt(text: string, at: readonly number[]): string[] {
  const places = [0, ...at.map((each) => each % (text.length + 1)).sort((a, b) => a - b), text.length];
  return places.slice(1).map((end, i) => text.slice(places[i], end));
}

function split(pieces: readonly string[], delimiter: string, newline: '\n' | '\r\n' | '\r'): string[] {
  const splitRecords = createRecordSplitter({ delimiter, newline });
  return [...pieces.flatMap((piece) => splitRecords(piece, false)), ...splitRecords('', true)];
}

describe('records', () => {
  it('are those of the file, whatever their cells hold and however the text is cut', () => {
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(table, delimiters, newlines, cuts, fc.boolean(), (rows, delimiter, newline, at, isEnded) => {
        const text = Papa.unparse(rows, { delimiter, newline }) + (isEnded ? newline : '');
        const records = split(cutAt(text, at), delimiter, newline);
        expect(records.map((record) => splitCells(record, delimiter))).toEqual(rows);
      }),
      { numRuns: 2000 },
    );
  });

  it('are counted as Papa Parse counts them, even of text that is no good CSV', () => {
    const text = fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r\n', ' ', 'a', 'b,', '"",'), maxLength: 60 });
    fc.assert(
      fc.property(text, cuts, (text, at) => {
        const whole = new Papa.Parser({ delimiter: ',', newline: '\n' }).parse(text, 0, false) as { data: string[][] };
        const last = whole.data.at(-1);
        const count = whole.data.length - (text.endsWith('\n') && last?.join() === '' ? 1 : 0);
        expect(split(cutAt(text, at), ',', '\n')).toHaveLength(count);
      }),
      { numRuns: 5000 },
    );
  });

  it('stand as they stood, and join to the file again', () => {
    const text = 'a;"x ""y""\nz";  1,5\n\n"q"  ;2\n';
    expect(split(cutAt(text, [3, 9, 17]), ';', '\n')).toEqual(['a;"x ""y""\nz";  1,5', '', '"q"  ;2']);
  });

  it('end in LF, in CRLF, or in both where a file is mixed', () => {
    expect(split(['a\r\nb\nc\r', '\nd\r'], ',', '\r\n')).toEqual(['a', 'b', 'c', 'd']);
    expect(split(['a\rb\r'], ',', '\r')).toEqual(['a', 'b']);
  });

  it('are bounded: a quote that is never closed does not take the whole file', () => {
    const splitRecords = createRecordSplitter({ delimiter: ',', newline: '\n' });
    const before = splitRecords('1,2\n3,"', false);
    let seen: unknown;
    for (let i = 0; i < 20 && seen === undefined; i++) {
      try {
        splitRecords('x\n'.repeat(RECORD_CHARACTERS / 16), false);
      } catch (error) {
        seen = error;
      }
    }
    expect(before).toEqual(['1,2']);
    expect(seen).toBeInstanceOf(LongRecord);
  });

  it('give what stands before one that is too long', () => {
    const splitRecords = createRecordSplitter({ delimiter: ',', newline: '\n' });
    const text = `1,2\n3,4\n${'x'.repeat(RECORD_CHARACTERS + 1)}\n5,6\n`;
    expect(() => splitRecords(text, true)).toThrow(expect.objectContaining({ before: ['1,2', '3,4'] }));
  });
});
