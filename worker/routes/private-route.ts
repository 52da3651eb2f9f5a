// What all routes under a secret URL share: a request id, the servers-only rule, and the headers that keep the
// answer out of caches, indexes and Referers. There is no CORS header, ever: pages may not read these answers.
//
// A wrapper and not middleware: a route that is matched alone is called without Hono's chain. What a Response has in
// common with others comes from one that was made before: an object of options with seven headers costs 9 of the 55
// microseconds that an empty answer takes. Every look at the Request crosses into the platform as well: one of each.
import type { Handler } from 'hono';
import type { AppEnv } from '../env.ts';
import { AppError, type ErrorCode, toAppError, toErrorBody } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { toRequestId } from './request-id.ts';

/** What a route answers with status 200. */
export interface PrivateAnswer {
  readonly body: string | ReadableStream<Uint8Array>;
  readonly contentType: string;
  /** The model's version that answers. */
  readonly version: number;
}

/** A call under a secret URL, with what was looked up in it already. */
export interface PrivateCall {
  readonly request: Request;
  readonly secret: string;
  readonly method: string;
  readonly headers: Headers;
  readonly requestId: string;
}

export function privateRoute(answer: (call: PrivateCall) => PrivateAnswer | Promise<PrivateAnswer>): Handler<AppEnv> {
  return (c) => {
    const request = c.req.raw;
    const { method, headers } = request;
    const requestId = toRequestId(headers);
    try {
      // OPTIONS is a preflight: only browsers ask whether they may.
      if (method === 'OPTIONS' || isPageCall(headers)) throw new AppError('browser_call', ADVICE);
      const answered = answer({ request, secret: c.req.param('secret') ?? '', method, headers, requestId });
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
  const response = new Response(body, getTemplate(version, contentType));
  response.headers.set('X-Request-Id', requestId);
  return response;
}

const PRIVATE = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Robots-Tag': 'noindex',
};

/** What answers of one version and type have in common: VERSIONS_PER_MODEL times a handful of types at most. */
const templates = new Map<number, Map<string, Response>>();

function getTemplate(version: number, contentType: string): Response {
  const known = templates.get(version)?.get(contentType);
  if (known !== undefined) return known;
  const headers = { ...PRIVATE, 'Content-Type': contentType, 'X-Model-Version': String(version) };
  const template = new Response(null, { headers });
  const ofVersion = templates.get(version) ?? new Map<string, Response>();
  templates.set(version, ofVersion.set(contentType, template));
  return template;
}

/** What a caller gets instead of an answer, whatever went wrong. */
export function toErrorResponse(error: unknown, requestId: string): Response {
  const known = toAppError(error, requestId);
  return new Response(JSON.stringify(toErrorBody(known, requestId)), {
    status: known.status,
    headers: {
      ...PRIVATE,
      'Content-Type': 'application/json',
      'X-Request-Id': requestId,
      ...toErrorHeaders(known),
    },
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
