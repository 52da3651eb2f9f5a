// The management API as the command line calls it.
import type { Model } from '../contract.ts';

/** What the API answered instead, in its own words. */
export class ApiFailure extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** @param origin of a Postern: http://localhost:8787 @throws ApiFailure */
export async function createAccount(origin: string, adminToken: string, name: string, plan: string): Promise<string> {
  const { token } = await call<{ token: string }>(origin, adminToken, 'POST', '/v1/accounts', { name, plan });
  return token;
}

/** The URL of the tutorial's pipeline in this account. @throws ApiFailure */
export async function getTutorialUrl(origin: string, token: string): Promise<string> {
  const { pipeline } = await call<Model>(origin, token, 'GET', '/v1/models/model_tutorial');
  if (pipeline.url === undefined) throw new ApiFailure(503, pipeline.reason ?? 'The tutorial has no URL yet.');
  return pipeline.url;
}

async function call<T>(origin: string, token: string, method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(new URL(path, origin), {
    method,
    headers: { Authorization: `Bearer ${token}`, ...(body ? { 'Content-Type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  try {
    const parsed = JSON.parse(text) as T & { message?: string };
    if (response.ok) return parsed;
    throw new ApiFailure(response.status, parsed.message ?? `status ${response.status}`);
  } catch (error) {
    if (error instanceof ApiFailure) throw error;
    throw new ApiFailure(response.status, `This is no Postern: it answers ${response.status} without JSON.`);
  }
}
