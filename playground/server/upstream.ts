// The one place that calls the API. What goes there is made anew: of the visitor's headers nothing passes by itself.
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

/** The headers of the API's answer that a visitor gets. */
const PASSED = ['Content-Type', 'Retry-After', 'X-Model-Version', 'X-Request-Id', 'Allow'];

/** @throws Refusal api_unreachable; and what a bounded body threw while it was sent. */
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
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw unreachable();
  }
  const redirects = response.status >= 300 && response.status < 400;
  // Every error of the API is JSON: another one comes from something in between.
  const foreign = !response.ok && !/json/.test(response.headers.get('Content-Type') ?? '');
  if (redirects || foreign) {
    await response.body?.cancel();
    throw unreachable();
  }
  return response;
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
