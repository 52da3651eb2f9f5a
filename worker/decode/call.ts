// Chooses the format of a request by its method and media type, and yields its rows.
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { IssueList } from '../pipeline/issues.ts';
import type { Columns, Row } from '../pipeline/row.ts';
import type { FedRows, FeedPlan } from '../pipeline/tensor.ts';
import type { Chunk } from './chunk.ts';
import { decodeCsv } from './csv.ts';
import { decodeForm } from './form.ts';
import { INCLUDE_KEY } from './include.ts';
import { decodeJson, decodePlainJson } from './json.ts';
import { createRow } from './keys.ts';
import { parseMediaType } from './media-type.ts';
import { mergeRows } from './merge.ts';
import { decodeMultipart } from './multipart.ts';
import { decodeNdjson } from './ndjson.ts';
import { decodeQuery } from './query.ts';
import { readBytes, readText } from './read.ts';

export interface Call {
  /** The query string without its question mark. */
  readonly search: string;
  /** null: the row is in the query string. */
  readonly body: ReadableStream<Uint8Array> | null;
  /** Headers of a body, or null where they are absent. */
  readonly contentType?: string | null;
  readonly contentEncoding?: string | null;
  /** How many bytes the body has, where the caller says so. */
  readonly contentLength?: number | null;
  readonly room?: Room;
}

/** Where the bytes of a body that stay in memory are counted. It throws where there is no room for them. */
export interface Room {
  /** So many are about to come. */
  expect(bytes: number): void;
  /** So many have come. */
  hold(bytes: number): void;
}

/** The rows of a call: in memory, or as a stream of chunks. `many` is how the caller wrote them. */
export type Decoded =
  | { readonly many: boolean; readonly rows: Row[] }
  | { readonly many: true; readonly fed: readonly FedRows[] }
  | { readonly chunks: AsyncGenerator<Chunk> };

/** Keys of the query string that are options, not features. */
const RESERVED: readonly string[] = [INCLUDE_KEY];

/** Bodies of which never more than a chunk is in memory. */
const STREAMED: ReadonlySet<string> = new Set(['text/csv', 'application/x-ndjson']);

const ACCEPTED =
  'application/json, application/x-www-form-urlencoded, multipart/form-data, text/csv, application/x-ndjson';
const ACCEPTED_IMAGES = 'image/png, image/jpeg, image/webp';

/**
 * @param chunkRows rows in a chunk of a streamed body, at most.
 * @throws AppError for a body that cannot be read; what is wrong with single rows goes to `issues`.
 */
export async function decodeCall(call: Call, plan: FeedPlan, chunkRows: number, issues: IssueList): Promise<Decoded> {
  const { body, room } = call;
  const { columns } = plan;
  const hold = room?.hold;
  const query = decodeQuery(call.search, columns, issues, RESERVED);
  if (body === null) return { many: false, rows: [query] };
  if ((call.contentEncoding ?? 'identity').toLowerCase() !== 'identity') {
    throw new AppError('unsupported_media_type', 'Send the body as it is, without Content-Encoding.');
  }
  const media = parseMediaType(call.contentType);
  if (media.charset !== null && media.charset !== 'utf-8' && media.charset !== 'utf8' && media.charset !== 'us-ascii') {
    throw new AppError(
      'unsupported_media_type',
      `The body must be UTF-8, not ${media.charset.slice(0, LIMITS.ECHO_CHARACTERS)}.`,
    );
  }
  if (room !== undefined) {
    const isStreamed = STREAMED.has(media.type);
    const bytes = isStreamed ? LIMITS.STREAM_BYTES : Math.min(call.contentLength ?? 0, LIMITS.MULTIPART_BODY_BYTES);
    if (isStreamed) room.hold(bytes);
    else room.expect(bytes);
  }
  switch (media.type) {
    case 'application/json': {
      const text = await readText(body, LIMITS.JSON_BODY_BYTES, 'The JSON body', hold);
      const fed = decodePlainJson(text, plan, chunkRows);
      if (fed !== null) return refuseQuery(query, { many: true, fed });
      const decoded = decodeJson(text, columns, issues);
      return decoded.many
        ? refuseQuery(query, decoded)
        : { many: false, rows: [mergeRows(query, decoded.rows[0] ?? [], columns, issues)] };
    }
    case 'application/x-www-form-urlencoded': {
      const form = decodeForm(await readText(body, LIMITS.FORM_BODY_BYTES, 'The form', hold), columns, issues);
      return { many: false, rows: [mergeRows(query, form, columns, issues)] };
    }
    case 'multipart/form-data': {
      const parts = await decodeMultipart(body, call.contentType ?? '', columns, issues, { chunkRows, plan, hold });
      if ('chunks' in parts) return refuseQuery(query, parts);
      return { many: false, rows: [mergeRows(query, parts.row, columns, issues)] };
    }
    case 'image/png':
    case 'image/jpeg':
    case 'image/webp':
      return { many: false, rows: [mergeRows(query, await decodeImageBody(body, columns, hold), columns, issues)] };
    case 'text/csv':
      return refuseQuery(query, { chunks: decodeCsv(body, columns, issues, { chunkRows, plan }) });
    case 'application/x-ndjson':
      return refuseQuery(query, { chunks: decodeNdjson(body, columns, issues, { chunkRows, plan }) });
    default:
      throw new AppError(
        'unsupported_media_type',
        `The Content-Type ${media.type === '' ? 'is missing' : 'is not one of those accepted'}. Accepted: ${getAccepted(columns)}.`,
        { headers: { 'Accept-Post': getAccepted(columns) } },
      );
  }
}

/** A body that is the image of a model's only image feature; other columns are in the query string. */
async function decodeImageBody(
  body: ReadableStream<Uint8Array>,
  columns: Columns,
  hold: Room['hold'] | undefined,
): Promise<Row> {
  const [position, second] = columns.images;
  if (position === undefined || second !== undefined) {
    const message =
      position === undefined
        ? `This model takes no image. Accepted: ${ACCEPTED}.`
        : 'This model takes several images: send them as multipart/form-data.';
    throw new AppError('unsupported_media_type', message, { headers: { 'Accept-Post': ACCEPTED } });
  }
  const row = createRow(columns);
  row[position] = await readBytes(body, LIMITS.IMAGE_BYTES, 'The image', hold);
  return row;
}

/** Columns in the query string complete the one row of a body; a table of rows has its own columns. */
function refuseQuery<T>(query: Row, decoded: T): T {
  if (query.every((value) => value === undefined)) return decoded;
  throw new AppError(
    'malformed_body',
    'Features in the query string go with one row, not with many: put them into the body.',
  );
}

function getAccepted({ images }: Columns): string {
  return images.length === 1 ? `${ACCEPTED}, ${ACCEPTED_IMAGES}` : ACCEPTED;
}
