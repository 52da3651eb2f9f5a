// A multipart/form-data body: fields, JSON parts and text files make one row; a CSV file named `data` is a stream
// of rows, decoded as it arrives.
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { IssueList } from '../pipeline/issues.ts';
import { appendValue, type Columns, IGNORED_COLUMN, type Row } from '../pipeline/row.ts';
import type { Chunk, StreamOptions } from './chunk.ts';
import { decodeCsvPieces } from './csv.ts';
import { parseJson, toRow } from './json.ts';
import { addUnknown, createRow, echo } from './keys.ts';
import { parseMediaType } from './media-type.ts';
import { mergeRows } from './merge.ts';
import { type PartEvent, type PartHead, readParts, toMalformed } from './parts.ts';
import { copyPieces, decodeText, joinBytes, readPieces } from './read.ts';

/** The name of a file part that holds many rows. */
const CSV_PART = 'data';

export type MultipartRows = { readonly row: Row } | { readonly chunks: AsyncGenerator<Chunk, undefined> };

/**
 * @param contentType with its boundary.
 * @throws AppError malformed_body, body_too_large, unsupported_media_type for a part that is not UTF-8.
 */
export async function decodeMultipart(
  body: ReadableStream<Uint8Array>,
  contentType: string,
  columns: Columns,
  issues: IssueList,
  options: StreamOptions,
): Promise<MultipartRows> {
  const { boundary } = parseMediaType(contentType);
  if (boundary === null || boundary === '') {
    throw toMalformed('its Content-Type has no boundary; let the HTTP client write this header');
  }
  const events = readParts(copyPieces(readPieces(body)), boundary);
  try {
    const found = await readRow(events, columns, issues, options.hold);
    if (found !== 'csv') return { row: found };
  } catch (error) {
    await events.return(undefined);
    throw error;
  }
  return { chunks: decodeCsvPieces(readCsvPart(events), columns, issues, options) };
}

/** Reads up to the end, or up to a CSV part. */
async function readRow(
  events: AsyncIterator<PartEvent>,
  columns: Columns,
  issues: IssueList,
  hold: StreamOptions['hold'],
): Promise<Row | 'csv'> {
  let row = createRow(columns);
  let head: PartHead | null = null;
  let chunks: Uint8Array[] = [];
  let size = 0;
  let parts = 0;
  for (let next = await events.next(); !next.done; next = await events.next()) {
    const event = next.value;
    if (event.kind === 'head') {
      parts += 1;
      head = event.head;
      chunks = [];
      if (!isCsvPart(head)) continue;
      if (parts > 1) throw toMalformed(`a CSV part "${CSV_PART}" comes alone, without other parts`);
      hold?.(LIMITS.STREAM_BYTES);
      return 'csv';
    }
    if (event.kind === 'bytes') {
      size += event.bytes.length;
      if (size > LIMITS.MULTIPART_BODY_BYTES) {
        const message = `The multipart body is larger than ${LIMITS.MULTIPART_BODY_BYTES} bytes.`;
        throw new AppError('body_too_large', message);
      }
      hold?.(event.bytes.length);
      chunks.push(event.bytes);
    } else if (head !== null) row = await takePart(head, chunks, row, columns, issues);
  }
  return row;
}

async function takePart(
  head: PartHead,
  chunks: readonly Uint8Array[],
  row: Row,
  columns: Columns,
  issues: IssueList,
): Promise<Row> {
  if (head.media.type === 'application/json') {
    const what = `The JSON part "${echo(head.name)}"`;
    return mergeRows(row, toRow(parseJson(await toText(head, chunks), what), 1, columns, issues), columns, issues);
  }
  const position = findPosition(head, columns);
  if (columns.images.includes(position) && isFile(head)) {
    const bytes = joinBytes(chunks);
    if (row[position] === undefined) row[position] = bytes;
    else addTwice(head, position, columns, issues);
  } else if (position >= 0) {
    if (head.filename === null || isTextFile(head, columns.numeric[position] === true)) {
      appendValue(row, position, await toText(head, chunks));
    } else {
      const message = `"${echo(head.name)}" takes no file. Send its value as a form field (no filename).`;
      issues.add({ row: 1, feature: head.name, code: 'invalid_value', message });
      // What is wrong here is not missing as well.
      row[position] = null;
    }
  } else if (position !== IGNORED_COLUMN) {
    const hint = /\.csv$/i.test(head.filename ?? '') ? ` A CSV file of rows is named "${CSV_PART}".` : '';
    addUnknown(head.name, 1, columns, issues, hint);
  }
  return row;
}

/**
 * The feature that a part belongs to. A model of one image takes the only image sent, whatever its field is called.
 */
function findPosition(head: PartHead, columns: Columns): number {
  const position = columns.find(head.name);
  const [image = position, second] = columns.images;
  const isStray = position < 0 && position !== IGNORED_COLUMN;
  return isStray && second === undefined && isFile(head) && head.media.type !== 'text/csv' ? image : position;
}

function isFile({ filename, media }: PartHead): boolean {
  return filename !== null || media.type.startsWith('image/');
}

function addTwice({ name }: PartHead, position: number, columns: Columns, issues: IssueList): void {
  const feature = columns.names[position] ?? name;
  const message = `"${echo(feature)}" was sent more than once: the second time in the part "${echo(name)}".`;
  issues.add({ row: 1, feature, code: 'invalid_value', message });
}

function isCsvPart({ name, filename, media }: PartHead): boolean {
  return name === CSV_PART && (media.type === 'text/csv' || /\.csv$/i.test(filename ?? ''));
}

/** Clients that know no type of a file send none, or octet-stream. */
function isTextFile({ media }: PartHead, isNumeric: boolean): boolean {
  return !isNumeric && ['text/plain', '', 'application/octet-stream'].includes(media.type);
}

async function* readCsvPart(events: AsyncGenerator<PartEvent, undefined>): AsyncGenerator<Uint8Array, undefined> {
  let isOpen = true;
  for await (const event of events) {
    if (event.kind === 'end') isOpen = false;
    else if (!isOpen) throw toMalformed(`a CSV part "${CSV_PART}" comes alone, without other parts`);
    else if (event.kind === 'bytes') yield event.bytes;
  }
}

async function toText({ name, media }: PartHead, chunks: readonly Uint8Array[]): Promise<string> {
  if (media.charset !== null && !['utf-8', 'utf8', 'us-ascii'].includes(media.charset)) {
    throw new AppError('unsupported_media_type', `The part "${echo(name)}" must be UTF-8, not ${echo(media.charset)}.`);
  }
  let text = '';
  for await (const piece of decodeText(toPieces(chunks), `The part "${echo(name)}"`)) text += piece;
  return text;
}

async function* toPieces(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, undefined> {
  yield* chunks;
}
