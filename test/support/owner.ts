// An owner of models, over HTTP alone: what a person with curl does.
import type { Model } from '../../worker/contract.ts';
import { ADMIN_TOKEN, type TestWorker } from './worker.ts';

export interface Upload {
  readonly model: Uint8Array;
  readonly csv?: Uint8Array | undefined;
  readonly label?: string | readonly string[] | undefined;
  readonly name?: string;
  /** Class names, one per line. */
  readonly labels?: Uint8Array | undefined;
  readonly manifest?: object | undefined;
}

export interface Answered<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface Owner {
  readonly token: string;
  call<T = Record<string, unknown>>(method: string, path: string, body?: object | FormData): Promise<Answered<T>>;
  /** Imports; throws where it is refused. */
  add(upload: Upload): Promise<Model>;
  /** Activates and waits for the end of the deployment. */
  activate(id: string, version?: number): Promise<Model>;
}

export function toForm({ model, csv, label, name, labels, manifest }: Upload): FormData {
  const form = new FormData();
  form.set('model', new File([new Uint8Array(model)], `${name ?? 'model'}.onnx`));
  if (csv !== undefined) form.set('data', new File([new Uint8Array(csv)], 'training.csv'));
  for (const each of [label ?? []].flat()) form.append('label', each);
  if (labels !== undefined) form.set('labels', new File([new Uint8Array(labels)], 'labels.txt'));
  if (name !== undefined) form.set('name', name);
  if (manifest !== undefined) form.set('manifest', JSON.stringify(manifest));
  return form;
}

export async function callApi<T>(
  worker: Pick<TestWorker, 'origin'>,
  token: string | null,
  method: string,
  path: string,
  body?: object | FormData,
): Promise<Answered<T>> {
  const isForm = body instanceof FormData;
  const response = await fetch(worker.origin + path, {
    method,
    headers: {
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
      ...(body === undefined || isForm ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: (text === '' ? {} : JSON.parse(text)) as T };
}

export async function createOwner(
  worker: Pick<TestWorker, 'origin'>,
  plan: 'trial' | 'standard' = 'trial',
): Promise<Owner> {
  const created = await callApi<{ token: string }>(worker, ADMIN_TOKEN, 'POST', '/v1/accounts', { name: 'Test', plan });
  if (created.status !== 201) throw new Error(JSON.stringify(created.body));
  const { token } = created.body;
  const call: Owner['call'] = (method, path, body) => callApi(worker, token, method, path, body);
  return {
    token,
    call,
    async add(upload) {
      const { status, body } = await call<Model>('POST', '/v1/models', toForm(upload));
      if (status !== 201) throw new Error(JSON.stringify(body));
      return body;
    },
    async activate(id, version) {
      const started = await call<Model>('POST', `/v1/models/${id}/activate`, version === undefined ? {} : { version });
      if (started.status >= 300) throw new Error(JSON.stringify(started.body));
      for (const end = Date.now() + 20_000; Date.now() < end; ) {
        const { body } = await call<Model>('GET', `/v1/models/${id}`);
        const { status, candidate } = body.pipeline;
        if (status !== 'deploying' && candidate === undefined) return body;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error('It is still deploying.');
    },
  };
}
