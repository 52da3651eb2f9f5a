// CSV as chunks of rows: a header names the columns, the delimiter is found out, quotes may hold line breaks. One
// chunk and one line are in memory, however long the body is.
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { IssueList } from '../pipeline/issues.ts';
import { appendValue, type Columns, type Row } from '../pipeline/row.ts';
import { type Chunk, findLines, type StreamOptions } from './chunk.ts';
import { type CsvHeader, findHeaderEnd, parseHeader, toDecimalPoint } from './csv-header.ts';
import { createTokeniser, type Tokens } from './csv-tokens.ts';
import { createRow } from './keys.ts';
import { createPlainCsv } from './plain-csv.ts';
import { decodeText, readPieces } from './read.ts';

/** @throws AppError malformed_body naming row and line; unknown_feature for the header; body_too_large for a line. */
export function decodeCsv(
  body: ReadableStream<Uint8Array>,
  columns: Columns,
  issues: IssueList,
  options: StreamOptions,
): AsyncGenerator<Chunk, undefined> {
  return decodeCsvPieces(readPieces(body), columns, issues, options);
}

/** The same for bytes that are not a body of their own: a part of a multipart body. */
export async function* decodeCsvPieces(
  pieces: AsyncIterable<Uint8Array>,
  columns: Columns,
  issues: IssueList,
  options: StreamOptions,
): AsyncGenerator<Chunk, undefined> {
  const texts = decodeText(pieces, 'The CSV');
  try {
    const { line: names, rest, newline, blankLines } = await readHeader(texts);
    const header = parseHeader(names, columns, issues);
    const read = createReader(header, newline, blankLines + 2, columns, options);
    let text = rest;
    let wanted = 0;
    for (let isLast = false; !isLast; ) {
      const next = await texts.next();
      isLast = next.done === true;
      if (!next.done) text += next.value;
      if (isLast || text.length >= wanted) {
        text = text.slice(yield* read(text, isLast));
        wanted = toWanted(text);
      }
    }
  } finally {
    // Read by hand, so that it must be ended by hand: a bad row leaves a body that nobody wants.
    await texts.return(undefined);
  }
}

async function readHeader(texts: AsyncIterator<string>) {
  let text = '';
  let wanted = 0;
  let blankLines = 0;
  for (;;) {
    const next = await texts.next();
    if (!next.done) text += next.value;
    if (!next.done && text.length < wanted) continue;
    const blank = /^\s*[\r\n]/.exec(text)?.[0] ?? '';
    blankLines += blank.split(/\r\n?|\n/).length - 1;
    text = text.slice(blank.length);
    const found = findHeaderEnd(text, next.done === true);
    if (found !== null) {
      const line = text.slice(0, found.end);
      if (line.trim() !== '') return { ...found, line, rest: text.slice(found.end + found.newline.length), blankLines };
      throw new AppError('malformed_body', 'The CSV is empty. Send a header row, then one row per prediction.');
    }
    if (text.length > LIMITS.LINE_BYTES) throw toLongLine('The header');
    wanted = toWanted(text);
  }
}

/** A line that comes byte by byte is not read again for each of them, but when twice as much of it is there. */
function toWanted(text: string): number {
  return Math.min(text.length * 2, LIMITS.LINE_BYTES + 1);
}

/**
 * @param line the number of the first line after the header.
 * @returns what yields the chunks of a text and then says how much of it that were.
 */
function createReader(
  header: CsvHeader,
  newline: '\n' | '\r\n' | '\r',
  line: number,
  columns: Columns,
  { chunkRows, plan }: StreamOptions,
) {
  const width = header.targets.length;
  const toRow = createRowReader(header, columns);
  const tokenise = createTokeniser(header.delimiter, newline, width);
  const plain = plan === undefined || newline === '\r' ? null : createPlainCsv(plan, header, chunkRows);
  let rows: Row[] = [];
  let count = 0;

  function* readAny(text: string, isLast: boolean): Generator<Chunk, number> {
    const tokens = tokenise(text, isLast);
    for (const [index, record] of tokens.records.entries()) {
      if (record.length === 0) continue;
      count += 1;
      const reason = findFault(tokens, index, width);
      if (reason !== null) throw toBadRecord(count, line + tokens.countLines(index), reason);
      rows.push(toRow(record));
      if (rows.length < chunkRows) continue;
      yield rows;
      rows = [];
    }
    line += tokens.countLines(tokens.records.length);
    return tokens.consumed;
  }

  function* readPlain(text: string, isLast: boolean): Generator<Chunk, number> {
    // A chunk of rows is filled first, so that all that is wrong in it is reported at once.
    if (plain === null || rows.length > 0) return 0;
    plain.begin(text, isLast);
    for (let chunk = plain.read(); chunk !== null; chunk = plain.read()) yield chunk;
    count += plain.rows;
    line += plain.lines;
    const isDone = !isLast && !text.includes('\n', plain.consumed) && text.length < LIMITS.LINE_BYTES;
    const rest = isDone ? null : plain.take();
    if (rest !== null) yield rest;
    return plain.consumed;
  }

  return function* read(text: string, isLast: boolean): Generator<Chunk, number> {
    let at = 0;
    for (let read = -1; read !== 0 && at < text.length; at += read) {
      at += yield* readPlain(text.slice(at), isLast);
      const end = plain === null ? text.length : findLines(text, at, chunkRows - rows.length);
      read = yield* readAny(text.slice(at, end), isLast && end === text.length);
      // A quoted cell of more lines than that.
      if (read === 0 && end < text.length) read = yield* readAny(text.slice(at), isLast);
    }
    if (text.length - at > LIMITS.LINE_BYTES) throw toLongLine(`The line after row ${count}`);
    const rest = isLast ? plain?.take() : null;
    if (rest) yield rest;
    if (isLast && rows.length > 0) yield rows;
    return at;
  };
}

function createRowReader({ targets, decimals, isRepeated, isDirect }: CsvHeader, columns: Columns) {
  const width = targets.length;
  const toRow = (record: string[]): Row => {
    if (isDirect) return record;
    const row = createRow(columns);
    for (let i = 0; i < width; i++) {
      const position = targets[i] ?? -1;
      if (position < 0) continue;
      if (isRepeated) appendValue(row, position, record[i] ?? '');
      else row[position] = record[i];
    }
    return row;
  };
  if (decimals.length === 0) return toRow;
  return (record: string[]): Row => {
    for (const index of decimals) {
      record[index] = toDecimalPoint(record[index] ?? '');
    }
    return toRow(record);
  };
}

function findFault({ records, bad }: Tokens, index: number, width: number): string | null {
  if (index === bad?.index) return bad.reason;
  const cells = records[index]?.length ?? 0;
  return cells === width ? null : `it has ${cells} ${cells === 1 ? 'cell' : 'cells'}, the header has ${width}`;
}

function toBadRecord(row: number, line: number, reason: string): AppError {
  return new AppError('malformed_body', `Row ${row} (line ${line}) of the CSV is malformed: ${reason}.`);
}

function toLongLine(where: string): AppError {
  return new AppError(
    'body_too_large',
    `${where} of the CSV is longer than ${LIMITS.LINE_BYTES} bytes. Is a quote opened and never closed?`,
  );
}
