// How the page talks to its own server: one class, and one failure with what was answered instead.
import type { PlaygroundError } from '../wire.ts';

/** An answer that is no success, in the server's own words. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  /** 0 where nothing answered. */
  readonly status: number;
  readonly body: PlaygroundError;
  /** Seconds to wait, where the answer says so. */
  readonly retryAfter: number | null;

  constructor(status: number, body: PlaygroundError, retryAfter: number | null = null) {
    super(body.message);
    this.status = status;
    this.body = body;
    this.retryAfter = retryAfter;
  }
}

export class Transport {
  /** @throws ApiFailure */
  async json<T>(path: string, init: RequestInit = {}): Promise<T> {
    const response = await this.send(path, init);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /** Sends JSON and reads JSON. @throws ApiFailure */
  sendJson<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    return this.json<T>(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** @throws ApiFailure of any answer that is no success, and where nothing answers; an AbortError passes as it is. */
  async send(path: string, init: RequestInit = {}): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(path, { redirect: 'error', ...init });
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw toUnanswered('The server does not answer. Is it running?');
    }
    if (response.ok) return response;
    throw toFailure(response.status, response.headers.get('Retry-After'), await response.text());
  }
}

export const transport = new Transport();

/** Of an answer that is no success: its status, its Retry-After header, its body. */
export function toFailure(status: number, retryAfter: string | null, text: string): ApiFailure {
  const seconds = Number(retryAfter ?? Number.NaN);
  return new ApiFailure(status, parseBody(text, status), Number.isNaN(seconds) ? null : seconds);
}

/** Where nothing answered. */
export function toUnanswered(message: string): ApiFailure {
  return new ApiFailure(0, toBody('api_unreachable', message));
}

function parseBody(text: string, status: number): PlaygroundError {
  try {
    const body = JSON.parse(text) as Partial<PlaygroundError>;
    if (typeof body.message === 'string' && typeof body.code === 'string') return body as PlaygroundError;
  } catch {
    // Not ours: a proxy in between.
  }
  return toBody('internal', `The server answers ${status} without saying why.`);
}

function toBody(code: PlaygroundError['code'], message: string): PlaygroundError {
  return { error: 'playground request failure', code, message, request_id: '' };
}
