// The one place that calls the API. What goes there is made anew: of the visitor's headers nothing passes by itself.
import { toMediaType } from './body.ts';
import type { Bindings } from './env.ts';
import { Refusal } from './errors.ts';

export interface UpstreamRequest {
  readonly method: string;
  /** With the secret or to the management API: never from the visitor. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | null | undefined>>;
  readonly body?: BodyInit | null;
  readonly requestId: string;
}

const JSON_TYPE = 'application/json';
const ANSWERS = [JSON_TYPE, 'application/x-ndjson', 'text/csv'];

/** The headers of the API's answer that a visitor gets. */
const PASSED = ['Content-Type', 'Retry-After', 'X-Model-Version', 'X-Request-Id', 'Allow'];

/** @throws Refusal api_unreachable */
export async function callApi(
  env: Bindings,
  { method, url, headers, body, requestId }: UpstreamRequest,
): Promise<Response> {
  const sent = new Headers({ 'X-Request-Id': requestId });
  for (const [name, value] of Object.entries(headers)) if (value != null) sent.set(name, value);
  const init: RequestInit & { duplex?: 'half' } = { method, headers: sent, redirect: 'manual' };
  if (body != null) Object.assign(init, { body, duplex: 'half' });
  let response: Response;
  try {
    const request = new Request(url, init);
    response = await (env.API === undefined ? fetch(request) : env.API.fetch(request));
  } catch {
    throw unreachable();
  }
  if (isOfApi(response)) return response;
  await response.body?.cancel();
  throw unreachable();
}

/** Every error of the API is JSON, and it never redirects: what is otherwise comes from something in between. */
function isOfApi(response: Response): boolean {
  if (response.status === 204) return true;
  const type = toMediaType(response.headers.get('Content-Type') ?? '');
  return response.ok ? ANSWERS.includes(type) : response.status >= 400 && type === JSON_TYPE;
}

/** The answer with those of its headers that are for the visitor, and perhaps another body. */
export function passOn(response: Response, body: BodyInit | null = response.body): Response {
  const headers = new Headers({ 'Cache-Control': 'no-store' });
  for (const name of PASSED) {
    const value = response.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return new Response(body, { status: response.status, headers });
}

function unreachable(): Refusal {
  return new Refusal('api_unreachable', 'The API does not answer. Is it running, and is API_URL its address?', {
    'Retry-After': '5',
  });
}
