// The management API as the command line calls it.
import type { Account, Model, Version } from '../contract.ts';

const DEPLOY_TIMEOUT_MS = 60_000;
const STEP_MS = 100;
/** How often a call is made that was lost on its way. */
const TRIES = 5;
const RETRY_MS = 500;
/** Wrangler's proxy says so whenever its connection broke. */
const LOST = /^Your worker restarted mid-request/;
/** And Node, where there is no proxy between. */
const BROKEN = ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'];

/** What the API answered instead, in its own words. */
export class ApiFailure extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * The connection ended before an answer came; the call may have arrived nevertheless. A local workerd drops connections
 * that were idle when an import began to keep it busy for more than five seconds.
 */
class Lost extends ApiFailure {
  constructor() {
    super(503, 'The connection to the API was lost.');
  }
}

interface ModelPage {
  readonly models: Model[];
  readonly next: string | null;
}

/** The calls of one account. */
export interface Api {
  getAccount(): Promise<Account>;
  getModel(id: string): Promise<Model>;
  getVersion(id: string, version: number): Promise<Version>;
  /** The ONNX bytes of a version. */
  download(id: string, version: number): Promise<Uint8Array>;
  listModels(): Promise<Model[]>;
  /** Where it throws a 503, the upload may have arrived nevertheless. */
  upload(path: string, form: FormData): Promise<Model>;
  deleteModel(id: string): Promise<void>;
  setCap(id: string, cap: Pick<Model['pipeline'], 'daily_cap' | 'on_cap'>): Promise<void>;
  /** Switches a version on, the newest where none is named, and waits until it is live. @returns the URL. */
  activate(id: string, version?: number): Promise<string>;
}

/** @param origin of a Postern: http://localhost:8787 @throws ApiFailure */
export async function createAccount(origin: string, adminToken: string, name: string, plan: string): Promise<string> {
  const { token } = await call<{ token: string }>(origin, adminToken, 'POST', '/v1/accounts', { name, plan });
  return token;
}

export function createApi(origin: string, token: string): Api {
  const getModel = (id: string) => call<Model>(origin, token, 'GET', `/v1/models/${id}`);
  return {
    getAccount: () => call<Account>(origin, token, 'GET', '/v1/account'),
    getModel,
    getVersion: (id, version) => call<Version>(origin, token, 'GET', `/v1/models/${id}/versions/${version}`),
    download: (id, version) => request(origin, token, 'GET', `/v1/models/${id}/versions/${version}/model`),
    async listModels() {
      const models: Model[] = [];
      for (let query: string | null = ''; query !== null; ) {
        const page: ModelPage = await call(origin, token, 'GET', `/v1/models${query}`);
        models.push(...page.models);
        query = page.next === null ? null : `?cursor=${encodeURIComponent(page.next)}`;
      }
      return models;
    },
    upload: (path, form) => call<Model>(origin, token, 'POST', path, form),
    async deleteModel(id) {
      await request(origin, token, 'DELETE', `/v1/models/${id}`);
    },
    async setCap(id, cap) {
      await request(origin, token, 'PATCH', `/v1/models/${id}`, cap);
    },
    async activate(id, version) {
      await call(origin, token, 'POST', `/v1/models/${id}/activate`, version === undefined ? {} : { version });
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

async function call<T>(...[origin, ...rest]: Parameters<typeof request>): Promise<T> {
  const bytes = await request(origin, ...rest);
  const answer = parseJson<T>(bytes);
  if (answer === null) throw new ApiFailure(200, 'This is no Postern: it answers without JSON.');
  return answer;
}

/** @returns the body of the answer. @throws ApiFailure */
async function request(
  origin: string,
  token: string,
  method: string,
  path: string,
  body?: object | FormData,
): Promise<Uint8Array> {
  const isForm = body instanceof FormData;
  const init = {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      // workerd ends a connection that has idled for 5 s, and a POST that is just being sent on it is not sent again.
      Connection: 'close',
      ...(body === undefined || isForm ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
  };
  for (let tries = 1; ; tries += 1) {
    try {
      return await send(new URL(path, origin), init);
    } catch (error) {
      // A second upload would be a second model: whoever uploads must look first.
      if (!(error instanceof Lost) || isForm || tries === TRIES) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** @throws ApiFailure */
async function send(url: URL, init: RequestInit): Promise<Uint8Array> {
  let response: Response;
  let bytes: Uint8Array;
  try {
    response = await fetch(url, init);
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    const { code = '' } = ((error as Error).cause ?? {}) as { code?: string };
    throw BROKEN.includes(code) ? new Lost() : error;
  }
  if (response.ok) return bytes;
  if (response.status === 503 && LOST.test(new TextDecoder().decode(bytes))) throw new Lost();
  const { status } = response;
  const answer = parseJson<{ message?: string }>(bytes);
  if (answer === null) throw new ApiFailure(status, `This is no Postern: it answers ${status} without JSON.`);
  throw new ApiFailure(status, answer.message ?? `status ${status}`);
}

function parseJson<T>(bytes: Uint8Array): T | null {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as T;
  } catch {
    return null;
  }
}
