// What every answer must be, whatever was asked.
import { errorSchema } from '../../worker/contract.ts';
import { STATUS } from '../../worker/errors.ts';
import type { FuzzRequest } from './requests.ts';
import type { Answer } from './send.ts';

/** Failures that a request can cause by itself: a model that answers NaN. */
const MAY_FAIL = new Set(['model_output_invalid']);

/**
 * @param foreign texts of other rows and accounts.
 * @throws Error that says what is wrong with the answer.
 */
export function checkAnswer(answer: Answer, isHead: boolean, foreign: readonly string[]): void {
  const { status, headers, text } = answer;
  if (headers['access-control-allow-origin'] !== undefined) throw new Error('a CORS header');
  for (const each of foreign) {
    if (text.includes(each) || JSON.stringify(headers).includes(each)) throw new Error('what belongs to another');
  }
  const id = headers['x-request-id'];
  if (typeof id !== 'string' || id === '') throw new Error('no request id');
  if (headers['cache-control'] !== 'no-store') throw new Error('an answer that may be kept');
  if (status < 400 || isHead) {
    if (status >= 500) throw new Error(`status ${status}`);
    return;
  }
  const body = errorSchema.parse(JSON.parse(text));
  if (body.request_id !== id) throw new Error('two request ids');
  const wanted = (STATUS as Readonly<Record<string, number>>)[body.code];
  if (wanted !== status) throw new Error(`${body.code} with status ${status}`);
  if (status >= 500 && !MAY_FAIL.has(body.code)) throw new Error(`${status} ${body.code}: ${body.message}`);
  if (/(?<!received )undefined|\[object |\n {4}at |\.ts\b|\.cc\b/.test(body.message))
    throw new Error(`says ${body.message}`);
}

/** @throws Error where a right request is not answered, or wrongly, or an error shows a row that has nothing wrong. */
export function checkPredictions({ expected, hidden }: FuzzRequest, { status, text }: Answer): void {
  if (hidden !== undefined) {
    if (status !== 400) throw new Error(`status ${status} for a bad row`);
    if (hidden.some((each) => text.includes(each))) throw new Error('a row that has nothing wrong');
  }
  if (expected === undefined) return;
  if (status !== 200) throw new Error(`status ${status} for a right request: ${text.slice(0, 300)}`);
  const parsed = JSON.parse(text) as { prediction: unknown } | { prediction: unknown }[];
  if (Array.isArray(parsed) !== expected.many) throw new Error('one for many, or many for one');
  const found = [parsed].flat().map(({ prediction }) => prediction);
  if (!isSame(found, expected.predictions)) {
    throw new Error(`${JSON.stringify(found)} instead of ${JSON.stringify(expected.predictions)}`);
  }
}

/** JSON has no -0. */
function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, i) => isSame(each, b[i]));
  if (typeof a === 'number' && typeof b === 'number') return Math.fround(a) === Math.fround(b) || a === b;
  return a === b;
}
