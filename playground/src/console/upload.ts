// Sends a form and tells how far it is, which fetch cannot. Fails as the transport does.
import { toFailure, toUnanswered } from '../transport.ts';

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
      else reject(toFailure(request.status, request.getResponseHeader('Retry-After'), request.responseText));
    });
    request.addEventListener('error', () =>
      reject(toUnanswered('The server does not answer. Nothing was kept: try again.')),
    );
    request.addEventListener('abort', () => reject(new DOMException('The upload was cancelled.', 'AbortError')));
    request.addEventListener('loadend', () => signal.removeEventListener('abort', abort));
    signal.addEventListener('abort', abort);
    if (signal.aborted) reject(new DOMException('The upload was cancelled.', 'AbortError'));
    else request.send(form);
  });
}
