// An upload tells how far it is, can be stopped, and fails as every other call does.
import { beforeEach, expect, it, vi } from 'vitest';
import { ApiFailure } from '../../../../playground/src/transport.ts';

type Upload = <T>(
  path: string,
  form: FormData,
  onProgress: (progress: { sent: number; total: number }) => void,
  signal: AbortSignal,
) => Promise<T>;

/** A request of a browser, of which Node has none: the test plays the network. */
class FakeRequest extends EventTarget {
  static last: FakeRequest;
  readonly upload = new EventTarget();
  readonly calls: unknown[] = [];
  readonly headers = new Map<string, string>();
  status = 0;
  responseText = '';

  constructor() {
    super();
    FakeRequest.last = this;
  }
  open(...args: unknown[]): void {
    this.calls.push(args);
  }
  send(body: unknown): void {
    this.calls.push(body);
  }
  abort(): void {
    this.dispatchEvent(new Event('abort'));
    this.dispatchEvent(new Event('loadend'));
  }
  getResponseHeader(name: string): string | null {
    return this.headers.get(name) ?? null;
  }
  answer(status: number, text: string): void {
    this.status = status;
    this.responseText = text;
    this.dispatchEvent(new Event('load'));
    this.dispatchEvent(new Event('loadend'));
  }
}

// Its types are those of a browser, which the other tests do not have.
const file: string = '../../../../playground/src/console/upload.ts';
let upload: Upload;

beforeEach(async () => {
  vi.stubGlobal('XMLHttpRequest', FakeRequest);
  upload = ((await import(file)) as { upload: Upload }).upload;
});

it('sends the form and tells how far it is', async () => {
  const seen: unknown[] = [];
  const form = new FormData();
  const answer = upload('/console/api/models', form, (progress) => seen.push(progress), new AbortController().signal);
  expect(FakeRequest.last.calls).toEqual([['POST', '/console/api/models'], form]);
  FakeRequest.last.upload.dispatchEvent(Object.assign(new Event('progress'), { loaded: 5, total: 9 }));
  FakeRequest.last.answer(201, '{"id": "model_1"}');
  expect(await answer).toEqual({ id: 'model_1' });
  expect(seen).toEqual([{ sent: 5, total: 9 }]);
});

it('fails with what the server says, or with its silence', async () => {
  const start = () => upload('/x', new FormData(), () => undefined, new AbortController().signal);
  const refused = start();
  FakeRequest.last.headers.set('Retry-After', '7');
  FakeRequest.last.answer(422, '{"code": "import_refused", "message": "No.", "reason": "not_onnx"}');
  await expect(refused).rejects.toMatchObject({ status: 422, retryAfter: 7, body: { reason: 'not_onnx' } });
  const foreign = start();
  FakeRequest.last.answer(502, '<html>');
  await expect(foreign).rejects.toMatchObject({ status: 502, retryAfter: null, body: { code: 'internal' } });
  const silent = start();
  FakeRequest.last.dispatchEvent(new Event('error'));
  await expect(silent).rejects.toBeInstanceOf(ApiFailure);
  await expect(silent).rejects.toMatchObject({ status: 0, body: { code: 'api_unreachable' } });
});

it('stops where its owner says so', async () => {
  const stop = new AbortController();
  const answer = upload('/x', new FormData(), () => undefined, stop.signal);
  stop.abort();
  await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
  const late = upload('/x', new FormData(), () => undefined, stop.signal);
  await expect(late).rejects.toMatchObject({ name: 'AbortError' });
  expect(FakeRequest.last.calls).toHaveLength(1);
});
