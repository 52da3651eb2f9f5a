// Sends a form and tells how far it is, which fetch cannot. Fails as the transport does.
import type { PlaygroundError } from '../../wire.ts';
import { ApiFailure } from '../transport.ts';

export interface Progress {
  readonly sent: number;
  readonly total: number;
}

/** @throws ApiFailure; an AbortError where `signal` said so. */
export function upload<T>(
  path: string,
  form: FormData,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = (): void => request.abort();
    request.open('POST', path);
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress({ sent: loaded, total }));
    request.addEventListener('load', () => {
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as T);
      else reject(toFailure(request));
    });
    request.addEventListener('error', () =>
      reject(new ApiFailure(0, toBody('api_unreachable', 'The server does not answer. Nothing was kept: try again.'))),
    );
    request.addEventListener('abort', () => reject(new DOMException('The upload was cancelled.', 'AbortError')));
    request.addEventListener('loadend', () => signal.removeEventListener('abort', abort));
    signal.addEventListener('abort', abort);
    if (signal.aborted) reject(new DOMException('The upload was cancelled.', 'AbortError'));
    else request.send(form);
  });
}

function toFailure(request: XMLHttpRequest): ApiFailure {
  const retryAfter = Number(request.getResponseHeader('Retry-After') ?? Number.NaN);
  return new ApiFailure(
    request.status,
    parseBody(request.responseText, request.status),
    Number.isNaN(retryAfter) ? null : retryAfter,
  );
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
