// Bodies as strict UTF-8 text, whole or in pieces, never more of it in memory than a limit or a piece.
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';

/** Large enough for most bodies of one row. */
const FIRST_PIECE_BYTES = 4 * 1024;
const PIECE_BYTES = 64 * 1024;

/**
 * A body's bytes in pieces of at most 64 KB, each good until the next one is asked for: one buffer goes to and fro. (A
 * reader without a buffer gets 4 KB at a time.) Leaving the loop leaves the rest of the body to whoever reads on.
 */
export async function* readPieces(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  const reader = body.getReader({ mode: 'byob' });
  try {
    for (let room = new ArrayBuffer(FIRST_PIECE_BYTES); ; ) {
      const next = await readNext(reader, new Uint8Array(room));
      if (next.done || next.value === undefined) break;
      yield next.value;
      const isFull = next.value.length === next.value.buffer.byteLength;
      room = isFull && next.value.length < PIECE_BYTES ? new ArrayBuffer(PIECE_BYTES) : next.value.buffer;
    }
  } finally {
    reader.releaseLock();
  }
}

/** Pieces to be kept. */
export async function* copyPieces(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  for await (const piece of pieces) yield piece.slice();
}

/** The platform's own errors here are all of one kind: the connection ended, or its chunks are none. */
async function readNext(reader: ReadableStreamBYOBReader, room: Uint8Array<ArrayBuffer>) {
  try {
    return await reader.read(room);
  } catch (cause) {
    throw new AppError('malformed_body', 'The body did not arrive whole: it broke off, or its chunks are malformed.', {
      cause,
    });
  }
}

/**
 * The text of byte pieces. A byte order mark is dropped.
 * @param what names the bytes in messages: "The CSV body".
 * @throws AppError malformed_body where the bytes are not UTF-8, naming the first bad one.
 */
export async function* decodeText(pieces: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let offset = 0;
  // The last bytes seen: they may begin a character that the next piece breaks.
  let tail: Uint8Array = new Uint8Array(0);
  for await (const piece of pieces) {
    // Both byte order marks of UTF-16 begin with a byte that no UTF-8 text holds.
    if (offset === 0 && (piece[0] ?? 0) >= 0xfe) throw toBadText(what, 'it looks like UTF-16');
    const text = tryDecode(decoder, piece);
    if (text === null) {
      const joined = joinBytes([tail, piece]);
      throw toBadText(what, `byte ${offset - tail.length + findBadByte(joined) + 1} does not belong there`);
    }
    offset += piece.length;
    tail = lastCharacter(piece.length < 4 ? joinBytes([tail, piece]) : piece);
    if (text !== '') yield text;
  }
  if (tryDecode(decoder) === null) throw toBadText(what, 'it ends in the middle of a character');
}

/** @throws AppError body_too_large, naming the limit; malformed_body where it is not UTF-8. */
export async function readText(
  body: ReadableStream<Uint8Array> | null,
  limitBytes: number,
  what: string,
  hold?: (bytes: number) => void,
): Promise<string> {
  if (body === null) return '';
  let text = '';
  for await (const piece of decodeText(limit(readPieces(body), limitBytes, what, hold), what)) text += piece;
  return text;
}

/** @throws AppError body_too_large, naming the limit. */
export async function readBytes(
  body: ReadableStream<Uint8Array>,
  limitBytes: number,
  what: string,
  hold?: (bytes: number) => void,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of limit(readPieces(body), limitBytes, what, hold)) pieces.push(piece.slice());
  return joinBytes(pieces);
}

export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** The same bytes, up to a limit. @throws AppError body_too_large, and what `hold` throws. */
export async function* limit(
  pieces: AsyncIterable<Uint8Array>,
  limitBytes: number,
  what: string,
  hold?: (bytes: number) => void,
): AsyncGenerator<Uint8Array, undefined> {
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > limitBytes) {
      throw new AppError(
        'body_too_large',
        `${what} is larger than ${limitBytes} bytes.${what.includes('image') ? '' : ' Many rows go as CSV or NDJSON.'}`,
      );
    }
    hold?.(piece.length);
    yield piece;
  }
}

/**
 * Reads what is left of a body that is refused, once nobody else reads it. An answer that comes before its end is not
 * heard: the connection is closed while the client still sends, and most clients then say "connection reset" instead.
 */
export async function drain(body: ReadableStream<Uint8Array>): Promise<void> {
  let size = 0;
  try {
    for await (const piece of readPieces(body)) {
      size += piece.length;
      if (size > LIMITS.DRAINED_BYTES) return;
    }
  } catch {
    // It broke off, and nobody is there to be told.
  }
}

function tryDecode(decoder: TextDecoder, bytes?: Uint8Array): string | null {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch {
    return null;
  }
}

function toBadText(what: string, why: string): AppError {
  return new AppError('malformed_body', `${what} is not UTF-8 text: ${why}. Save it as UTF-8.`);
}

/** Index of the byte that makes `bytes` impossible as the beginning of a text. */
export function findBadByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (tryDecode(new TextDecoder('utf-8', { fatal: true }), bytes.subarray(0, middle)) === null) bad = middle;
    else good = middle;
  }
  return bad - 1;
}

/** The bytes from the last lead byte on. */
function lastCharacter(bytes: Uint8Array): Uint8Array {
  let at = Math.max(0, bytes.length - 4);
  for (let i = at; i < bytes.length; i++) if (((bytes[i] ?? 0) & 0xc0) !== 0x80) at = i;
  return bytes.slice(at);
}
