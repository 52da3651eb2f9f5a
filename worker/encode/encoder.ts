// What the formats of answers have in common: pieces of text to be joined. One encoder serves one response, since it
// knows whether it has begun. After `fail` nothing follows, not even `end`.
import type { ErrorBody } from '../errors.ts';
import type { Answer } from './answer.ts';

export interface AnswerEncoder {
  readonly contentType: string;
  begin(): string;
  rows(answers: readonly Answer[]): string;
  /** Ends a stream that went wrong: its last element, record or line is the error body. */
  fail(body: ErrorBody): string;
  end(): string;
}
