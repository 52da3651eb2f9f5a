// Content negotiation (RFC 9110, 12.5.1): q values, wildcards, the most specific range wins.

/** @returns the offered type the caller likes best (the earlier of equals), or null where none will do. */
export function negotiate<T extends string>(accept: string | null, offered: readonly T[]): T | null {
  // What most clients send: no need to parse it for every prediction.
  if (accept === null || accept === '*/*' || accept.trim() === '') return offered[0] ?? null;
  const ranges = accept.split(',').map(parseRange);
  let best: T | null = null;
  let bestQuality = 0;
  for (const type of offered) {
    const quality = findQuality(type, ranges);
    if (quality > bestQuality) {
      best = type;
      bestQuality = quality;
    }
  }
  return best;
}

interface Range {
  type: string;
  quality: number;
}

function parseRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = q === undefined ? 1 : Number(q.slice(2));
  // Java's HttpURLConnection writes a bare asterisk.
  return { type: type === '*' ? '*/*' : type, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

function findQuality(type: string, ranges: readonly Range[]): number {
  const family = `${type.slice(0, type.indexOf('/'))}/*`;
  for (const wanted of [type, family, '*/*']) {
    const range = ranges.find((each) => each.type === wanted);
    if (range !== undefined) return range.quality;
  }
  return 0;
}
