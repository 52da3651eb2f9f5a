// Chooses the format of an answer, and says what the formats have in common: pieces of text to be joined. After
// `fail` nothing follows, not even `end`. One encoder serves one response: it knows whether it has begun.
import type { ErrorBody } from '../errors.ts';
import { AppError } from '../errors.ts';
import type { Manifest } from '../pipeline/manifest.ts';
import type { Answer } from './answer.ts';
import { createCsvEncoder } from './csv.ts';
import { createAnswerWriter, createJsonEncoder, createSingleEncoder } from './json.ts';
import { createNdjsonEncoder } from './ndjson.ts';
import { negotiate } from './negotiate.ts';

export interface AnswerEncoder {
  readonly contentType: string;
  begin(): string;
  rows(answers: readonly Answer[]): string;
  /** Ends a stream that went wrong: its last element, record or line is the error body. */
  fail(body: ErrorBody): string;
  end(): string;
}

/** What `$include` adds to an answer in JSON. */
export interface Included {
  readonly classes: boolean;
  readonly top: boolean;
}

/** In the order of our preference. */
const OFFERED = ['application/json', 'text/csv', 'application/x-ndjson'] as const;

/**
 * @param accept the Accept header, or null.
 * @param many whether the request held many rows: JSON answers them with an array.
 * @throws AppError not_acceptable
 */
export function createEncoder(
  accept: string | null,
  manifest: Pick<Manifest, 'label' | 'classes' | 'output'>,
  many: boolean,
  include: Included,
): AnswerEncoder {
  const type = negotiate(accept, OFFERED);
  if (type === null) {
    throw new AppError('not_acceptable', `Answers come as ${OFFERED.join(', ')}; the Accept header allows none.`);
  }
  if (type === 'text/csv') return createCsvEncoder(manifest);
  const write = createAnswerWriter(manifest.classes ?? [], include);
  if (type === 'application/x-ndjson') return createNdjsonEncoder(write);
  return many ? createJsonEncoder(write) : createSingleEncoder(write);
}
