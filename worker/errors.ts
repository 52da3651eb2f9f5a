// Every failure a caller can see: its code, its HTTP status and its body. An expected failure is an AppError;
// anything else becomes `internal` with a request id and nothing more.

/** What a caller of a prediction URL may see. */
export const PREDICTION_STATUS = {
  missing_features: 400,
  unknown_feature: 400,
  invalid_value: 400,
  malformed_body: 400,
  unsupported_image: 400,
  browser_call: 403,
  pipeline_inactive: 403,
  pipeline_not_found: 404,
  not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  body_too_large: 413,
  unsupported_media_type: 415,
  prediction_failed: 422,
  rate_limited: 429,
  daily_limit: 429,
  internal: 500,
  model_output_invalid: 502,
  model_unavailable: 503,
  overloaded: 503,
} as const;

/** What the owner may see besides, on the management API. */
export const MANAGEMENT_STATUS = {
  invalid_input: 400,
  unauthorized: 401,
  model_not_found: 404,
  version_not_found: 404,
  account_exists: 409,
  conflict: 409,
  limit_reached: 409,
  model_active: 409,
  quota_exceeded: 409,
  tutorial_always_active: 409,
  import_refused: 422,
} as const;

export const STATUS = { ...PREDICTION_STATUS, ...MANAGEMENT_STATUS };

export type ErrorCode = keyof typeof STATUS;

/** The codes that can be found on a single row. */
export type IssueCode = 'missing_features' | 'unknown_feature' | 'invalid_value';

export interface Issue {
  /** 1 for the first row of the request. */
  row: number;
  feature: string;
  code: IssueCode;
  message: string;
  suggestion?: string;
}

export interface ErrorBody {
  error: string;
  code: ErrorCode;
  message: string;
  issues?: Issue[];
  /** How many issues there are in all, where more were found than are listed. */
  issue_count?: number;
  /** A query string that this pipeline answers. */
  example?: string;
  /** With import_refused: the kind of reason, for programs. */
  reason?: string;
  /** With quota_exceeded: what holds the places. */
  active?: readonly object[];
  request_id: string;
}

export interface ErrorDetails {
  issues?: Issue[] | undefined;
  issueCount?: number | undefined;
  example?: string | undefined;
  reason?: string | undefined;
  active?: readonly object[] | undefined;
  headers?: Record<string, string> | undefined;
  cause?: unknown;
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return STATUS[this.code];
  }
}

/** Storage holds other bytes under a model's key than the model's. The log names it, callers hear `model_unavailable`. */
export class CorruptModel extends Error {
  override readonly name = 'CorruptModel';
}

/**
 * What a caller is told of any error. One that was not expected tells nothing, and its stack goes to the log: the
 * stack is ours, while its message may hold a caller's values and the URL holds the secret.
 */
export function toAppError(error: unknown, requestId: string): AppError {
  const known = error instanceof AppError ? error : new AppError('internal', 'Something went wrong on our side.');
  // A refusal for want of room has no cause to look for, and there may be thousands a second.
  if (known.status >= 500 && known.code !== 'overloaded') {
    const cause = known === error ? known.details.cause : error;
    const stack = cause instanceof Error ? (cause.stack ?? '') : '';
    const frames = stack.split('\n').filter((line) => line.startsWith('    at '));
    console.error([`${requestId} ${known.code} ${cause instanceof Error ? cause.name : ''}`, ...frames].join('\n'));
  }
  return known;
}

/** The one body that every surface answers; `sentence` differs between the prediction and the management API. */
export function toErrorBody(error: AppError, requestId: string, sentence = 'api request failure'): ErrorBody {
  const { issues, issueCount, example, reason, active } = error.details;
  return {
    error: sentence,
    code: error.code,
    message: error.message,
    ...(issues?.length ? { issues } : {}),
    ...(issueCount !== undefined && issueCount > (issues?.length ?? 0) ? { issue_count: issueCount } : {}),
    ...(example === undefined ? {} : { example }),
    ...(reason === undefined ? {} : { reason }),
    ...(active === undefined ? {} : { active }),
    request_id: requestId,
  };
}
