// Request bodies on their way through: of known kinds, and bounded whether they say their length or not.
import { Refusal } from './errors.ts';
import { LIMITS } from './limits.ts';

const ROWS = ['application/json', 'text/csv', 'application/x-ndjson', 'application/x-www-form-urlencoded'];
const IMAGES = ['image/png', 'image/jpeg', 'image/webp', 'multipart/form-data'];

/** How many bytes a prediction of this type may have. @throws Refusal unsupported_media_type */
export function getRowLimit(contentType: string): number {
  const type = toMediaType(contentType);
  if (ROWS.includes(type)) return LIMITS.ROWS_BODY_BYTES;
  if (IMAGES.includes(type)) return LIMITS.IMAGE_BODY_BYTES;
  throw new Refusal('unsupported_media_type', `Send one of ${[...ROWS, ...IMAGES].join(', ')}.`);
}

export function toMediaType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}

/** @throws Refusal body_too_large, before more than `limit` bytes are held. */
export async function readBody(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer> | null> {
  if (request.body === null) return null;
  if (Number(request.headers.get('Content-Length') ?? 0) > limit) throw tooLarge(limit);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of readChunks(request.body)) {
    length += chunk.byteLength;
    if (length > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

/** A body that is passed on while it comes in: its length, which HTTP holds it to, is looked at first. @throws Refusal */
export function getStream(request: Request, limit: number): ReadableStream<Uint8Array> {
  const length = request.headers.get('Content-Length');
  if (request.body === null || length === null) {
    throw new Refusal('invalid_input', 'Send a body with its length (Content-Length).');
  }
  if (Number(length) > limit) throw tooLarge(limit);
  return request.body;
}

/**
 * Reads what is left of the body of a request that is refused. Otherwise the connection is closed while its client still
 * sends, and most clients then say "connection reset" instead of what was answered.
 */
export async function drain({ body }: Request): Promise<void> {
  if (body === null || body.locked) return;
  let length = 0;
  try {
    for await (const chunk of readChunks(body)) {
      length += chunk.byteLength;
      if (length > LIMITS.DRAINED_BYTES) return;
    }
  } catch {
    // Its sender has gone: there is nobody to hear the answer.
  }
}

/** Leaves the rest of the body readable where its reader stops. */
async function* readChunks(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const reader = body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    reader.releaseLock();
  }
}

function tooLarge(limit: number): Refusal {
  return new Refusal('body_too_large', `A body of this kind may have ${limit} bytes.`);
}
