// One request over a socket as it is written, without the corrections that fetch makes, and what came back.
import { Agent, request as open } from 'node:http';

export interface Request {
  readonly method: string;
  /** With its query string. */
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | null;
  /** Bytes of each piece; without it the body goes in one, with its length. */
  readonly pieces?: number | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly ms: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });
/** After which nobody waits any longer. */
const GIVE_UP_MS = 20_000;

/** More of them take the client longer than the server. */
const MOST_PIECES = 1000;
/** What fits into the buffers between client and server, so that an answer is read even where the body is not. */
const BUFFERED_BYTES = 60_000;

/**
 * A server that refuses a body before it has read it ends the connection, and who still writes may meet the end before
 * the answer. Such a request is tried once more, on a connection of its own and in one piece.
 * @returns null where a large body was not read.
 * @throws Error where the connection breaks twice for another reason, or nothing comes.
 */
export async function send(origin: string, request: Request): Promise<Answer | null> {
  try {
    return await sendOnce(origin, request, request.body === null);
  } catch (error) {
    if (!isBroken(error)) throw error;
  }
  try {
    return await sendOnce(origin, { ...request, pieces: undefined }, false);
  } catch (error) {
    if (isBroken(error) && !/no answer/.test(String(error)) && (request.body?.length ?? 0) > BUFFERED_BYTES)
      return null;
    throw error;
  }
}

/** A machine that stands still for so long ends a wait as well: only twice is an answer that does not come. */
const isBroken = (error: unknown): boolean => /ECONNRESET|EPIPE|hang up|no answer/.test(String(error));

function sendOnce(origin: string, request: Request, isKept: boolean): Promise<Answer> {
  const { method, path, headers, body, pieces } = request;
  const began = performance.now();
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const sent = open(
      { agent: isKept ? agent : false, hostname, port, method, path, timeout: GIVE_UP_MS },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        // What is still being written is not read by anyone.
        if (!isKept) response.socket.on('error', () => undefined);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
            ms: performance.now() - began,
          }),
        );
      },
    );
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    for (const [name, value] of headers) {
      const present = sent.getHeader(name);
      sent.setHeader(name, present === undefined ? value : [present, value].flat().map(String));
    }
    if (body === null) return void sent.end();
    if (pieces === undefined) {
      sent.setHeader('Content-Length', body.length);
      return void sent.end(body);
    }
    const size = Math.max(pieces, Math.ceil(body.length / MOST_PIECES));
    for (let at = 0; at < body.length; at += size) sent.write(body.subarray(at, at + size));
    sent.end();
  });
}
