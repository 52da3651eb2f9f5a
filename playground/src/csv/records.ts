// Text that comes in pieces -> raw records, each as it stands in the file, without its line break. Papa Parse finds where
// a record ends, as it does in the API, so that both count the same rows. Pure but for the text that waits.
import Papa from 'papaparse';
import type { CsvHeader } from './header.ts';

/** The API takes no longer line; a quote that is never closed must not swallow the file. */
export const RECORD_CHARACTERS = 1024 * 1024;

export class LongRecord extends Error {
  override readonly name = 'LongRecord';
  /** The records that stand before it. */
  readonly before: readonly string[];

  constructor(before: readonly string[]) {
    super();
    this.before = before;
  }
}

/** A blank line is a record as well: what is read of the file can be counted in lines. @throws LongRecord */
export type SplitRecords = (text: string, isLast: boolean) => string[];

export function createRecordSplitter({ delimiter, newline }: Pick<CsvHeader, 'delimiter' | 'newline'>): SplitRecords {
  const lineEnd = newline === '\r' ? '\r' : '\n';
  // Files are mixed: a line may end in CRLF where the header ends in LF.
  const toRecord = (raw: string) => (lineEnd === '\n' && raw.endsWith('\r') ? raw.slice(0, -1) : raw);
  let rest = '';
  let wanted = 0;
  return (piece, isLast) => {
    const text = rest + piece;
    rest = text;
    // A record that comes in many pieces is not read again for each of them, but when twice as much of it is there.
    if (!isLast && text.length < wanted) return [];
    const { raws, consumed } = text.includes('"')
      ? splitQuoted(text, delimiter, lineEnd, isLast)
      : splitPlain(text, lineEnd, isLast);
    rest = text.slice(consumed);
    wanted = Math.min(rest.length * 2, RECORD_CHARACTERS + 1);
    const records = raws.map(toRecord);
    const long = records.findIndex(({ length }) => length > RECORD_CHARACTERS);
    if (long >= 0) throw new LongRecord(records.slice(0, long));
    if (rest.length > RECORD_CHARACTERS) throw new LongRecord(records);
    return records;
  };
}

function splitPlain(text: string, lineEnd: string, isLast: boolean) {
  const raws = text.split(lineEnd);
  const last = raws.pop() ?? '';
  if (isLast && last !== '') raws.push(last);
  return { raws, consumed: isLast ? text.length : text.length - last.length };
}

function splitQuoted(text: string, delimiter: string, lineEnd: string, isLast: boolean) {
  const raws: string[] = [];
  let start = 0;
  const step = ({ meta: { cursor } }: Papa.ParseStepResult<unknown>): void => {
    if (cursor > start) raws.push(text.slice(start, text.startsWith(lineEnd, cursor - 1) ? cursor - 1 : cursor));
    start = cursor;
  };
  new Papa.Parser({ delimiter, newline: lineEnd, step } as Papa.ParseConfig).parse(text, 0, !isLast);
  return { raws, consumed: start };
}
