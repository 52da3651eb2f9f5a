// What all routes under a secret URL share: a request id, the servers-only rule, and the headers that keep the
// answer out of caches, indexes and Referers. There is no CORS header, ever: pages may not read these answers.
//
// A wrapper and not middleware: a route that is matched alone is called without Hono's chain, and one object of
// headers for one Response spares a call into the platform for each. Together a fifth of a prediction.
import type { Context, Handler } from 'hono';
import type { AppEnv } from '../env.ts';
import { AppError, type ErrorCode, toAppError, toErrorBody } from '../errors.ts';
import { LIMITS } from '../limits.ts';

/** What a route answers with status 200. */
export interface PrivateAnswer {
  readonly body: string | ReadableStream<Uint8Array>;
  readonly contentType: string;
  /** The model's version that answers. */
  readonly version: number;
}

export function privateRoute(
  answer: (c: Context<AppEnv>, requestId: string) => PrivateAnswer | Promise<PrivateAnswer>,
): Handler<AppEnv> {
  return (c) => {
    const { method, headers } = c.req.raw;
    const requestId = toRequestId(headers);
    try {
      // OPTIONS is a preflight: only browsers ask whether they may.
      if (method === 'OPTIONS' || isPageCall(headers)) throw new AppError('browser_call', ADVICE);
      const answered = answer(c, requestId);
      if (!(answered instanceof Promise)) return toResponse(answered, requestId);
      return answered.then(
        (later) => toResponse(later, requestId),
        (error: unknown) => toErrorResponse(error, requestId),
      );
    } catch (error) {
      return toErrorResponse(error, requestId);
    }
  };
}

function toResponse({ body, contentType, version }: PrivateAnswer, requestId: string): Response {
  const headers = privateHeaders(requestId, contentType);
  headers['X-Model-Version'] = String(version);
  return new Response(body, { headers });
}

/** What a caller gets instead of an answer, whatever went wrong. */
export function toErrorResponse(error: unknown, requestId: string): Response {
  const known = toAppError(error, requestId);
  return new Response(JSON.stringify(toErrorBody(known, requestId)), {
    status: known.status,
    headers: { ...privateHeaders(requestId, 'application/json'), ...toErrorHeaders(known) },
  });
}

const RETRY_SECONDS: Partial<Record<ErrorCode, number>> = {
  model_unavailable: LIMITS.UNAVAILABLE_RETRY_SECONDS,
  overloaded: LIMITS.OVERLOADED_RETRY_SECONDS,
};

/** What an error says in headers. */
export function toErrorHeaders({ code, details }: AppError): Record<string, string> {
  const seconds = RETRY_SECONDS[code];
  return { ...(seconds === undefined ? {} : { 'Retry-After': String(seconds) }), ...details.headers };
}

function privateHeaders(requestId: string, contentType: string): Record<string, string> {
  return {
    'Content-Type': contentType,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Robots-Tag': 'noindex',
    'X-Request-Id': requestId,
  };
}

/** A caller's own id is kept when it can stand in a header and a log line as it is. */
const SANE_ID = new RegExp(`^[\\w.:/+=-]{1,${LIMITS.REQUEST_ID_CHARACTERS}}$`);

/** The id that the answer, the error body and the log share. */
export function toRequestId(headers: Headers): string {
  const sent = headers.get('X-Request-Id');
  return sent !== null && SANE_ID.test(sent) ? sent : crypto.randomUUID();
}

const ADVICE =
  'This URL is a secret for servers: a page that calls it shows it to every visitor. ' +
  'Call it from your own server and let the page call that (the playground shows how).';

/**
 * Browsers send Origin or Sec-Fetch-Site with what a page asks for. Typing the URL into the address bar is a
 * navigation to a document. Node's own fetch sends Sec-Fetch-Mode alone, and is a server.
 */
export function isPageCall(headers: Headers): boolean {
  if (headers.has('Origin')) return true;
  if (!headers.has('Sec-Fetch-Site')) return false;
  const mode = headers.get('Sec-Fetch-Mode') ?? 'navigate';
  const destination = headers.get('Sec-Fetch-Dest') ?? 'document';
  return mode !== 'navigate' || destination !== 'document';
}
