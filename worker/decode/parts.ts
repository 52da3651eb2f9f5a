// The parts of a multipart/form-data body (RFC 7578), one after another as they arrive: a head, then its bytes.
import { make as createHeadersParser } from 'multipasta/HeadersParser';
import { make as createSearch } from 'multipasta/Search';
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { type MediaType, parseMediaType, parseParameters } from './media-type.ts';

export interface PartHead {
  readonly name: string;
  /** Null for a plain field. */
  readonly filename: string | null;
  readonly media: MediaType;
}

export type PartEvent =
  | { readonly kind: 'head'; readonly head: PartHead }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' };

/** @throws AppError malformed_body, or body_too_large for too many parts. */
export async function* readParts(
  pieces: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<PartEvent, undefined> {
  let events: PartEvent[] = [];
  const assembler = createAssembler((event) => events.push(event));
  const search = createSearch(`\r\n--${boundary}`, assembler.write);
  // The first boundary begins the body, without the line break that all others have.
  search.write(new TextEncoder().encode('\r\n'));
  for await (const piece of pieces) {
    search.write(piece);
    yield* events;
    events = [];
  }
  search.end();
  yield* events;
  assembler.end();
}

/** Makes events of what the search finds between boundaries. */
function createAssembler(emit: (event: PartEvent) => void) {
  let state: 'preamble' | 'boundary' | 'headers' | 'bytes' | 'done' = 'preamble';
  let part = 0;
  let afterBoundary = '';
  const parseHeaders = createHeadersParser();

  const begin = (index: number): void => {
    // The search is silent about what is empty: a boundary right after a boundary.
    if (index > part + 1) throw toMalformed(`part ${part + 1} has no content`);
    if (state === 'bytes') emit({ kind: 'end' });
    else if (state !== 'preamble') throw toMalformed(`part ${part} has no content`);
    if (index > LIMITS.MULTIPART_PARTS + 1) {
      const message = `The multipart body has more than ${LIMITS.MULTIPART_PARTS} parts. Send the columns as one JSON part.`;
      throw new AppError('body_too_large', message);
    }
    part = index;
    state = 'boundary';
    afterBoundary = '';
  };

  const readHeaders = (chunk: Uint8Array): void => {
    const result = parseHeaders(chunk, 0);
    if (result._tag === 'Continue') return;
    if (result._tag === 'Failure') throw toMalformed(`the headers of part ${part} do not parse (${result.reason})`);
    emit({ kind: 'head', head: toHead(result.headers, part) });
    state = 'bytes';
    if (result.endPosition < chunk.length) emit({ kind: 'bytes', bytes: chunk.subarray(result.endPosition) });
  };

  return {
    write(index: number, chunk: Uint8Array): void {
      if (index === 0 || state === 'done') return;
      if (index !== part) begin(index);
      let rest = chunk;
      // What follows a boundary may come byte by byte: `--` after the last one, else blanks and a line break.
      while (state === 'boundary' && rest.length > 0) {
        afterBoundary += String.fromCharCode(rest[0] ?? 0);
        rest = rest.subarray(1);
        if (afterBoundary === '--') state = 'done';
        else if (/^[ \t]*\r\n$/.test(afterBoundary)) state = 'headers';
        else if (!/^(?:-|[ \t]{0,99}\r?)$/.test(afterBoundary))
          throw toMalformed(`boundary ${part} is not followed by a line break`);
      }
      if (rest.length === 0) return;
      if (state === 'headers') readHeaders(rest);
      else if (state === 'bytes') emit({ kind: 'bytes', bytes: rest });
    },
    end(): void {
      if (state === 'preamble') throw toMalformed('the boundary of its Content-Type does not occur in it');
      if (state !== 'done') throw toMalformed('it ends before its last boundary');
    },
  };
}

function toHead(headers: Record<string, string | string[]>, part: number): PartHead {
  const find = (name: string): string => [headers[name] ?? []].flat()[0] ?? '';
  const parameters = parseParameters(find('content-disposition'));
  const name = readParameter(parameters, 'name');
  if (name === null) throw toMalformed(`part ${part} has no name in its Content-Disposition`);
  const encoding = find('content-transfer-encoding').trim().toLowerCase();
  if (encoding === 'base64' || encoding === 'quoted-printable') {
    throw toMalformed(`part ${part} has a Content-Transfer-Encoding, which RFC 7578 has done away with`);
  }
  return { name, filename: readParameter(parameters, 'filename'), media: parseMediaType(find('content-type')) };
}

function readParameter(parameters: ReadonlyMap<string, string>, key: string): string | null {
  const extended = /^utf-8'[^']*'(.*)$/i.exec(parameters.get(`${key}*`) ?? '')?.[1];
  if (extended !== undefined) {
    try {
      return decodeURIComponent(extended);
    } catch {
      throw toMalformed(`a ${key} is not percent-encoded UTF-8`);
    }
  }
  // Browsers, Node and Python escape these three, and nothing else (HTML standard, multipart form data).
  const escapes: Record<string, string> = { '%22': '"', '%0D': '\r', '%0A': '\n' };
  return parameters.get(key)?.replace(/%22|%0D|%0A/g, (found) => escapes[found] ?? found) ?? null;
}

export function toMalformed(reason: string): AppError {
  return new AppError('malformed_body', `The multipart body is malformed: ${reason}.`);
}
