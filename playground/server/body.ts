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
  const reader = request.body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    length += next.value.byteLength;
    if (length > limit) {
      await reader.cancel();
      throw tooLarge(limit);
    }
    chunks.push(next.value);
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

function tooLarge(limit: number): Refusal {
  return new Refusal('body_too_large', `A body of this kind may have ${limit} bytes.`);
}
