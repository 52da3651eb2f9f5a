// The id that an answer, its error body and its log line share: the caller's own where it can stand in all of them as
// it is, else a random UUID (RFC 9562, version 4).
import { LIMITS } from '../limits.ts';

/** Whoever sends their URL or token for an id must not find it in a log. */
const SANE_ID = new RegExp(`^(?!.*(?:pipeline|postern)_)[\\w.:/+=-]{1,${LIMITS.REQUEST_ID_CHARACTERS}}$`, 'i');

export function toRequestId(headers: Headers): string {
  const sent = headers.get('X-Request-Id');
  return sent !== null && SANE_ID.test(sent) ? sent : createId();
}

const ID_BYTES = 16;
/** Random bytes for the next ids: asked of the platform one by one (crypto.randomUUID), they are a tenth of a prediction. */
const random = new Uint8Array(256 * ID_BYTES);
let used = random.length;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function createId(): string {
  if (used === random.length) {
    crypto.getRandomValues(random);
    used = 0;
  }
  const start = used;
  used += ID_BYTES;
  let id = '';
  for (let i = 0; i < ID_BYTES; i += 1) {
    let byte = random[start + i] ?? 0;
    if (i === 6) byte = (byte & 0x0f) | 0x40;
    else if (i === 8) byte = (byte & 0x3f) | 0x80;
    id += i === 4 || i === 6 || i === 8 || i === 10 ? `-${HEX[byte]}` : HEX[byte];
  }
  return id;
}
