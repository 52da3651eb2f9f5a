// The management API as the command line calls it.
import type { Model } from '../contract.ts';

const DEPLOY_TIMEOUT_MS = 60_000;
const STEP_MS = 100;
/** What Wrangler takes to load a Worker anew. */
const RESTART_MS = 1000;

/** What the API answered instead, in its own words. */
export class ApiFailure extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The calls of one account. */
export interface Api {
  getModel(id: string): Promise<Model>;
  upload(path: string, form: FormData): Promise<Model>;
  /** Switches the newest version on and waits until it is live. @returns the URL. */
  activate(id: string): Promise<string>;
}

/** @param origin of a Postern: http://localhost:8787 @throws ApiFailure */
export async function createAccount(origin: string, adminToken: string, name: string, plan: string): Promise<string> {
  const { token } = await call<{ token: string }>(origin, adminToken, 'POST', '/v1/accounts', { name, plan });
  return token;
}

export function createApi(origin: string, token: string): Api {
  const getModel = (id: string) => call<Model>(origin, token, 'GET', `/v1/models/${id}`);
  return {
    getModel,
    upload: (path, form) => call<Model>(origin, token, 'POST', path, form),
    async activate(id) {
      await call(origin, token, 'POST', `/v1/models/${id}/activate`, {});
      return waitForUrl(getModel, id);
    },
  };
}

/** The URL of the tutorial's pipeline in this account, as soon as it has one. @throws ApiFailure */
export function getTutorialUrl(origin: string, token: string): Promise<string> {
  return waitForUrl(createApi(origin, token).getModel, 'model_tutorial');
}

async function waitForUrl(getModel: (id: string) => Promise<Model>, id: string): Promise<string> {
  for (const deadline = Date.now() + DEPLOY_TIMEOUT_MS; ; ) {
    const { name, pipeline } = await getModel(id);
    const { status, url, candidate, reason } = pipeline;
    if (url !== undefined && candidate === undefined) return url;
    if (status === 'failed' || Date.now() > deadline) {
      throw new ApiFailure(503, `${name} has no URL: ${reason ?? 'it is still being deployed'}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}

async function call<T>(
  origin: string,
  token: string,
  method: string,
  path: string,
  body?: object | FormData,
  tries = 3,
): Promise<T> {
  const isForm = body instanceof FormData;
  const response = await fetch(new URL(path, origin), {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      // workerd ends a connection that has idled for 5 s, and a POST that is just being sent on it is not sent again.
      Connection: 'close',
      ...(body === undefined || isForm ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  // Wrangler's own words, when it has loaded the Worker anew (a file was edited) while this call was on its way.
  if (response.status === 503 && !text.startsWith('{') && tries > 1) {
    await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
    return call(origin, token, method, path, body, tries - 1);
  }
  try {
    const parsed = JSON.parse(text) as T & { message?: string };
    if (response.ok) return parsed;
    throw new ApiFailure(response.status, parsed.message ?? `status ${response.status}`);
  } catch (error) {
    if (error instanceof ApiFailure) throw error;
    throw new ApiFailure(response.status, `This is no Postern: it answers ${response.status} without JSON.`);
  }
}
