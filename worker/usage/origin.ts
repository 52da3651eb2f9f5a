// Where a page's call came from: the host of its Origin, else of its Referer. Both are the caller's to write, and the
// owner will read them: what is not the plain name of a host is null, and of a URL nothing but the host is kept.
import { LIMITS } from '../limits.ts';

/** The URL parser has lower-cased names and turned others than ASCII into punycode. */
const HOST = /^(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;

/** @returns `example.org`, `localhost:3000`, or null where the call does not say. */
export function toOrigin(headers: Headers): string | null {
  const origin = headers.get('Origin');
  return toHost(origin === null || origin === 'null' ? headers.get('Referer') : origin);
}

function toHost(text: string | null): string | null {
  // The parser would take its time for 16 KB.
  if (text === null || text.length > 2048 || !URL.canParse(text)) return null;
  const { protocol, host } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return null;
  return host.length <= LIMITS.ORIGIN_CHARACTERS && HOST.test(host) ? host : null;
}
