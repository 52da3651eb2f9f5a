// A file -> chunks of rows that the playground's server takes, the header in front of each. One piece of text and one
// chunk are in memory, however large the file is. Each row keeps its number and its line in the file.
import type { PipelineSchema } from '../../../worker/contract.ts';
import { type CsvHeader, findHeaderEnd, parseHeader } from './header.ts';
import { createRecordSplitter, LongRecord, RECORD_CHARACTERS, type SplitRecords } from './records.ts';
import { UnreadableFile } from './source.ts';

/** Rows of a chunk: one request each, and a visitor has 600 of them a minute. */
const CHUNK_ROWS = 5000;
/** Rows of the first chunk: a header that does not fit is said at once, and the preview comes with it. */
const FIRST_ROWS = 500;
/** Bytes of a chunk, header included; the server takes 1 MiB. */
const CHUNK_BYTES = 900 * 1024;
const BODY_BYTES = 1024 * 1024;

export interface Chunk {
  readonly header: CsvHeader;
  /** Whether the file begins with a byte order mark. */
  readonly hasMark: boolean;
  /** The number in the file of its first row, from 1. */
  readonly firstRow: number;
  readonly records: readonly string[];
  /** The line in the file on which each record begins, from 1. */
  readonly lines: readonly number[];
  /** Of the file, blank lines left out. */
  readonly bytes: number;
}

export function toBody({ header, records }: Chunk): string {
  return `${[header.text, ...records].join(header.newline)}${header.newline}`;
}

/** The rows from one index of a chunk to another, as a chunk. */
export function sliceChunk(chunk: Chunk, from: number, to = chunk.records.length): Chunk {
  const records = chunk.records.slice(from, to);
  const bytes = records.reduce((sum, record) => sum + toBytes(record) + chunk.header.newline.length, 0);
  return { ...chunk, firstRow: chunk.firstRow + from, records, lines: chunk.lines.slice(from, to), bytes };
}

/** What can be read is read: a file that turns out to be none is said after its last good row. @throws UnreadableFile */
export async function* readChunks(
  texts: AsyncGenerator<string, undefined>,
  schema: PipelineSchema,
): AsyncGenerator<Chunk, undefined> {
  let rowsRead = 0;
  let unreadable: UnreadableFile | null = null;
  try {
    const { header, hasMark, rest, firstLine } = await readHeader(texts, schema);
    const headerBytes = toBytes(header.text) + header.newline.length;
    if (headerBytes > CHUNK_BYTES / 2) throw new UnreadableFile('The first line is too long to be a header.');
    let draft = createDraft();
    const finish = (): Chunk => {
      const done = { header, hasMark, firstRow: rowsRead - draft.records.length + 1, ...draft };
      draft = createDraft();
      return done;
    };
    try {
      for await (const { record, line } of readRecords(texts, rest, header, firstLine)) {
        if (isBlank(record, header)) continue;
        const bytes = toBytes(record) + header.newline.length;
        if (headerBytes + bytes > BODY_BYTES) throw toLongRow(line);
        if (draft.records.length > 0 && headerBytes + draft.bytes + bytes > CHUNK_BYTES) yield finish();
        draft.records.push(record);
        draft.lines.push(line);
        draft.bytes += bytes;
        rowsRead += 1;
        if (draft.records.length >= (rowsRead <= FIRST_ROWS ? FIRST_ROWS : CHUNK_ROWS)) yield finish();
      }
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      unreadable = error;
    }
    if (draft.records.length > 0) yield finish();
  } finally {
    await texts.return(undefined);
  }
  if (unreadable !== null) throw unreadable;
  if (rowsRead === 0) throw new UnreadableFile('The file holds a header and no rows.');
}

const createDraft = () => ({ records: [] as string[], lines: [] as number[], bytes: 0 });

async function readHeader(texts: AsyncGenerator<string>, schema: PipelineSchema) {
  let text = '';
  let hasMark = false;
  let skipped = 0;
  for (let isLast = false; !isLast; ) {
    const next = await texts.next();
    isLast = next.done === true;
    if (!next.done) text += next.value;
    if (text.startsWith('\uFEFF')) {
      hasMark = true;
      text = text.slice(1);
    }
    const blank = /^\s*[\r\n]/.exec(text)?.[0] ?? '';
    skipped += blank.split(/\r\n?|\n/).length - 1;
    text = text.slice(blank.length);
    const found = findHeaderEnd(text, isLast);
    if (found !== null && text.slice(0, found.end).trim() !== '') {
      const { end, newline } = found;
      const header = parseHeader(text.slice(0, end), newline, schema);
      const firstLine = skipped + 2 + countBreaks(header.text, header);
      return { header, hasMark, rest: text.slice(end + newline.length), firstLine };
    }
    if (text.length > RECORD_CHARACTERS) throw new UnreadableFile('The first line never ends. Is it a CSV?');
  }
  throw new UnreadableFile('The file is empty.');
}

/** @throws UnreadableFile */
async function* readRecords(texts: AsyncGenerator<string>, rest: string, header: CsvHeader, firstLine: number) {
  const split = createRecordSplitter(header);
  let line = firstLine;
  function* read(text: string, isLast: boolean) {
    const { records, isLong } = splitOrStop(split, text, isLast);
    for (const record of records) {
      yield { record, line };
      line += 1 + countBreaks(record, header);
    }
    if (isLong) throw toLongRow(line);
  }
  yield* read(rest, false);
  for await (const text of texts) yield* read(text, false);
  yield* read('', true);
}

function splitOrStop(split: SplitRecords, text: string, isLast: boolean) {
  try {
    return { records: split(text, isLast), isLong: false };
  } catch (error) {
    if (error instanceof LongRecord) return { records: error.before, isLong: true };
    throw error;
  }
}

/** What the API takes for a blank line, which is no row. In a file of one column `""` is one. */
function isBlank(record: string, { columns, delimiter }: CsvHeader): boolean {
  if (record === '') return true;
  if (columns.length === 1) return false;
  return /^\s*$/.test(record) ? !record.includes(delimiter) : /^"\s*"\s*$/.test(record);
}

function toLongRow(line: number): UnreadableFile {
  return new UnreadableFile(`The row on line ${line} is longer than 1 MiB. Is a quote opened and never closed?`);
}

function countBreaks(record: string, { newline }: CsvHeader): number {
  const lineEnd = newline === '\r' ? '\r' : '\n';
  let count = 0;
  for (let at = record.indexOf(lineEnd); at >= 0; at = record.indexOf(lineEnd, at + 1)) count += 1;
  return count;
}

/** Bytes of a text in UTF-8. */
function toBytes(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // Half of a pair stands for two of the four bytes.
    if (unit >= 0x80) bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}
