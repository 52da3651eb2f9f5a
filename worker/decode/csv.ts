// CSV as chunks of rows: a header names the columns, the delimiter is found out, quotes may hold line breaks. One
// chunk and one line are in memory, however long the body is.
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { IssueList } from '../pipeline/issues.ts';
import { appendValue, type Columns, type Row } from '../pipeline/row.ts';
import { type CsvHeader, findHeaderEnd, parseHeader } from './csv-header.ts';
import { createTokeniser, type Tokens } from './csv-tokens.ts';
import { createRow } from './keys.ts';
import type { StreamOptions } from './ndjson.ts';
import { decodeText, readPieces } from './read.ts';

const DECIMAL_COMMA = /^\s*[+-]?\d*,\d+(?:[eE][+-]?\d+)?\s*$/;

/** @throws AppError malformed_body naming row and line; unknown_feature for the header; body_too_large for a line. */
export function decodeCsv(
  body: ReadableStream<Uint8Array>,
  columns: Columns,
  issues: IssueList,
  options: StreamOptions,
): AsyncGenerator<Row[], undefined> {
  return decodeCsvPieces(readPieces(body), columns, issues, options);
}

/** The same for bytes that are not a body of their own: a part of a multipart body. */
export async function* decodeCsvPieces(
  pieces: AsyncIterable<Uint8Array>,
  columns: Columns,
  issues: IssueList,
  options: StreamOptions,
): AsyncGenerator<Row[], undefined> {
  const texts = decodeText(pieces, 'The CSV');
  const { line: names, rest, newline, lines } = await readHeader(texts);
  const header = parseHeader(names, columns, issues);
  const toRow = createRowReader(header, columns);
  const tokenise = createTokeniser(header.delimiter, newline, header.targets.length);
  let rows: Row[] = [];
  let count = 0;
  let line = lines + 1;
  for await (const tokens of readTokens(texts, rest, tokenise, () => `The line after row ${count}`)) {
    for (const [index, record] of tokens.records.entries()) {
      if (index === tokens.bad?.index) throw toBadRecord(count + 1, line + tokens.countLines(index), tokens.bad.reason);
      if (record.length === 0) continue;
      count += 1;
      if (record.length !== header.targets.length) {
        const cells = `${record.length} ${record.length === 1 ? 'cell' : 'cells'}`;
        throw toBadRecord(
          count,
          line + tokens.countLines(index),
          `it has ${cells}, the header has ${header.targets.length}`,
        );
      }
      rows.push(toRow(record));
      if (rows.length < options.chunkRows) continue;
      yield rows;
      rows = [];
    }
    line += tokens.countLines(tokens.records.length);
  }
  if (rows.length > 0) yield rows;
}

async function readHeader(texts: AsyncIterator<string>) {
  let text = '';
  let lines = 0;
  for (;;) {
    const next = await texts.next();
    if (!next.done) text += next.value;
    const blank = /^\s*[\r\n]/.exec(text)?.[0] ?? '';
    lines += blank.split(/\r\n?|\n/).length - 1;
    text = text.slice(blank.length);
    const found = findHeaderEnd(text, next.done === true);
    if (found !== null) {
      const line = text.slice(0, found.end);
      if (line.trim() === '')
        throw new AppError('malformed_body', 'The CSV is empty. Send a header row and a row per prediction.');
      return { line, rest: text.slice(found.end + found.newline.length), newline: found.newline, lines: lines + 1 };
    }
    if (text.length > LIMITS.LINE_BYTES) throw toLongLine('The header');
  }
}

async function* readTokens(
  texts: AsyncIterator<string>,
  rest: string,
  tokenise: (text: string, isLast: boolean) => Tokens,
  where: () => string,
): AsyncGenerator<Tokens, undefined> {
  let text = rest;
  let wanted = 0;
  for (let next = await texts.next(); !next.done; next = await texts.next()) {
    text += next.value;
    // A line that comes byte by byte is not read again for each of them, but when twice as much of it is there.
    if (text.length < wanted) continue;
    const tokens = tokenise(text, false);
    yield tokens;
    text = text.slice(tokens.consumed);
    if (text.length > LIMITS.LINE_BYTES) throw toLongLine(where());
    wanted = Math.min(text.length * 2, LIMITS.LINE_BYTES + 1);
  }
  if (text !== '') yield tokenise(text, true);
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
      const cell = record[index] ?? '';
      if (cell.includes(',') && DECIMAL_COMMA.test(cell)) record[index] = cell.replace(',', '.');
    }
    return toRow(record);
  };
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
