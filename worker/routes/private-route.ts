// What all routes under a secret URL share: a request id, the servers-only rule, and the headers that keep the
// answer out of caches, indexes and Referers. There is no CORS header, ever: pages may not read these answers.
//
// A wrapper and not middleware: a route that is matched alone is called without Hono's chain. What a Response has in
// common with others comes from one that was made before: an object of options with seven headers costs 9 of the 55
// microseconds that an empty answer takes. Every look at the Request crosses into the platform as well: one of each.
import type { Handler } from 'hono';
import type { AppEnv, Deps } from '../env.ts';
import { AppError, type ErrorCode, PREDICTION_STATUS, toAppError, toErrorBody } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Outcome } from '../pipeline/usage.ts';
import { toOrigin } from '../usage/origin.ts';
import { afterBody } from './refuse.ts';
import { toRequestId } from './request-id.ts';

/** What a route answers with status 200. */
export interface PrivateAnswer {
  readonly body: string | ReadableStream<Uint8Array>;
  readonly contentType: string;
  /** The model's version that answers. */
  readonly version: number;
  /** Predictions in it; null: it is no prediction, and counts as one. */
  readonly rows: number | null;
}

/** A call under a secret URL. */
export interface ReceivedCall {
  readonly request: Request;
  readonly method: string;
  readonly url: string;
  readonly secret: string;
}

/** With what was looked up in it already. */
export interface PrivateCall extends ReceivedCall {
  readonly headers: Headers;
  readonly requestId: string;
}

type RouteDeps = Pick<Deps, 'reader' | 'usage'>;

export type PrivateRoute = (
  call: ReceivedCall,
  context: Pick<ExecutionContext, 'waitUntil'>,
) => Response | Promise<Response>;

export function toHandler(route: PrivateRoute): Handler<AppEnv> {
  return ({ req, executionCtx }) => {
    const { method, url, raw } = req;
    return route({ request: raw, method, url, secret: req.param('secret') ?? '' }, executionCtx);
  };
}

export function privateRoute(
  deps: RouteDeps,
  answer: (call: PrivateCall) => PrivateAnswer | Promise<PrivateAnswer>,
): PrivateRoute {
  return ({ request, method, url, secret }, context) => {
    const { headers } = request;
    const requestId = toRequestId(headers);
    const succeed = (answered: PrivateAnswer): Response => {
      const record = deps.reader.recall(secret);
      if (record !== null) deps.usage.countAnswer(record, answered.rows ?? 0, answered.rows ?? 1);
      return toResponse(answered, requestId);
    };
    const fail = (error: unknown): Response | Promise<Response> => {
      const response = toErrorResponse(error, requestId);
      const record = deps.reader.recall(secret);
      if (record !== null) deps.usage.countFailure(record, toOutcome(error));
      return afterBody(request, response);
    };
    // OPTIONS is a preflight: only browsers ask whether they may.
    if (method === 'OPTIONS' || isPageCall(headers)) {
      context.waitUntil(countPage(deps, secret, toOrigin(headers)));
      return afterBody(request, toErrorResponse(new AppError('browser_call', ADVICE), requestId));
    }
    try {
      const answered = answer({ request, method, url, secret, headers, requestId });
      return answered instanceof Promise ? answered.then(succeed, fail) : succeed(answered);
    } catch (error) {
      return fail(error);
    }
  };
}

/** After the answer: whose URL it is may have to be read. */
async function countPage({ reader, usage }: RouteDeps, secret: string, origin: string | null): Promise<void> {
  const record = reader.recall(secret) ?? (await reader.getPipeline(secret).catch(() => reader.recall(secret)));
  if (record !== null) usage.countPage(record, origin);
}

function toOutcome(error: unknown): Outcome {
  const code: ErrorCode = error instanceof AppError ? error.code : 'internal';
  return code in PREDICTION_STATUS ? (code as Outcome) : 'internal';
}

function toResponse({ body, contentType, version }: PrivateAnswer, requestId: string): Response {
  const { response, headers } = getTemplate(version, contentType);
  // The new Response has a copy of them.
  headers.set('X-Request-Id', requestId);
  return new Response(body, response);
}

const PRIVATE = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Robots-Tag': 'noindex',
};

/** What answers of one version and type have in common. The headers are the response's, looked up once. */
interface Template {
  readonly response: Response;
  readonly headers: Headers;
}

/** VERSIONS_PER_MODEL times a handful of types at most. */
const templates = new Map<number, Map<string, Template>>();

function getTemplate(version: number, contentType: string): Template {
  const known = templates.get(version)?.get(contentType);
  if (known !== undefined) return known;
  const response = new Response(null, {
    headers: { ...PRIVATE, 'Content-Type': contentType, 'X-Model-Version': String(version) },
  });
  const template = { response, headers: response.headers };
  const ofVersion = templates.get(version) ?? new Map<string, Template>();
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
