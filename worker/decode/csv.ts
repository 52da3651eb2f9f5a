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
  try {
    const { line: names, rest, newline, blankLines } = await readHeader(texts);
    const header = parseHeader(names, columns, issues);
    const toRow = createRowReader(header, columns);
    const tokenise = createTokeniser(header.delimiter, newline, header.targets.length);
    let rows: Row[] = [];
    let count = 0;
    let line = blankLines + 2;
    for await (const tokens of readTokens(texts, rest, tokenise, () => `The line after row ${count}`)) {
      for (const [index, record] of tokens.records.entries()) {
        if (record.length === 0) continue;
        count += 1;
        const reason = findFault(tokens, index, header.targets.length);
        if (reason !== null) throw toBadRecord(count, line + tokens.countLines(index), reason);
        rows.push(toRow(record));
        if (rows.length < options.chunkRows) continue;
        yield rows;
        rows = [];
      }
      line += tokens.countLines(tokens.records.length);
    }
    if (rows.length > 0) yield rows;
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
    if (text.length < wanted) continue;
    const tokens = tokenise(text, false);
    yield tokens;
    text = text.slice(tokens.consumed);
    if (text.length > LIMITS.LINE_BYTES) throw toLongLine(where());
    wanted = toWanted(text);
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
