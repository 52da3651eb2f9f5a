// Every refusal of this server: one class, one body. What was not expected tells a request id and nothing more.
import type { PlaygroundCode, PlaygroundError } from '../wire.ts';

const STATUS = {
  invalid_input: 400,
  malformed_body: 400,
  unauthorized: 401,
  signed_out: 401,
  cross_site: 403,
  demo_not_found: 404,
  not_found: 404,
  method_not_allowed: 405,
  pipeline_inactive: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  internal: 500,
  api_unreachable: 502,
  not_configured: 503,
} as const satisfies Partial<Record<PlaygroundCode, number>>;

export class Refusal extends Error {
  readonly code: keyof typeof STATUS;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: keyof typeof STATUS, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.headers = headers;
  }

  get status(): number {
    return STATUS[this.code];
  }
}

/** The stack of what was not expected goes to the log without its message, which could hold a URL. */
export function toRefusal(error: unknown, requestId: string): Refusal {
  if (error instanceof Refusal) return error;
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frames = stack.split('\n').filter((line) => line.startsWith('    at '));
  console.error([`${requestId} internal ${error instanceof Error ? error.name : ''}`, ...frames].join('\n'));
  return new Refusal('internal', 'Something went wrong on our side.');
}

export function toBody({ code, message }: Refusal, requestId: string): PlaygroundError {
  return { error: 'playground request failure', code, message, request_id: requestId };
}
