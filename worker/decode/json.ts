// A JSON body: an object is one row, an array of objects many. `toRow` is shared by all formats that carry objects.
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { IssueList } from '../pipeline/issues.ts';
import { type Columns, IGNORED_COLUMN, type RawScalar, type RawValue, type Row } from '../pipeline/row.ts';
import type { FedRows, FeedPlan } from '../pipeline/tensor.ts';
import { describeJsonError } from './json-syntax.ts';
import { addUnknown, createRow, echo } from './keys.ts';
import { createPlainObjects } from './plain-json.ts';

const HOW = 'Send an object of features ({"feature": value, …}) or an array of such objects.';

/** An array of plain objects, read straight into tensors; null: it is for `decodeJson`. */
export function decodePlainJson(text: string, plan: FeedPlan, chunkRows: number): FedRows[] | null {
  const plain = /^\s*\[/.test(text) ? createPlainObjects(plan, chunkRows) : null;
  return plain?.begin(text) ? plain.readArray(LIMITS.JSON_ROWS) : null;
}

/** @throws AppError malformed_body, saying where and why. */
export function decodeJson(text: string, columns: Columns, issues: IssueList): { rows: Row[]; many: boolean } {
  const body = parseJson(text, 'The JSON body');
  if (Array.isArray(body)) {
    if (body.length > LIMITS.JSON_ROWS) {
      const message = `A JSON array holds at most ${LIMITS.JSON_ROWS} rows, this one ${body.length}. Send CSV or NDJSON, which stream.`;
      throw new AppError('body_too_large', message);
    }
    return { rows: body.map((item, index) => toRow(item, index + 1, columns, issues)), many: true };
  }
  if (!isObject(body)) throw new AppError('malformed_body', `The JSON body is ${describe(body)}. ${HOW}`);
  return { rows: [toRow(body, 1, columns, issues)], many: false };
}

/** @param what names the text in messages: "The JSON body", "Line 7". */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (text.trim() === '') throw new AppError('malformed_body', `${what} is empty. ${HOW}`);
    throw new AppError('malformed_body', `${what} is not valid JSON: ${describeJsonError(text)}.`, { cause });
  }
}

/**
 * Puts an object's values in the features' order.
 * @throws AppError malformed_body where `object` is none.
 */
export function toRow(object: unknown, rowNumber: number, columns: Columns, issues: IssueList): Row {
  if (!isObject(object)) {
    throw new AppError('malformed_body', `Row ${rowNumber} is ${describe(object)}, not an object. ${HOW}`);
  }
  const row = createRow(columns);
  // Own keys only, so that `__proto__` and `constructor` are keys as any other.
  for (const key of Object.keys(object)) {
    const position = columns.find(key);
    if (position >= 0) row[position] = toRawValue(object[key], key, rowNumber, issues);
    else if (position !== IGNORED_COLUMN) addUnknown(key, rowNumber, columns, issues);
  }
  return row;
}

function toRawValue(value: unknown, key: string, row: number, issues: IssueList): RawValue {
  if (isScalar(value)) return value;
  if (Array.isArray(value) && value.every(isScalar)) return value;
  const message = Array.isArray(value)
    ? `"${echo(key)}" takes a flat array of values; an item of this one is an array or an object.`
    : `"${echo(key)}" takes a value, not an object.`;
  issues.add({ row, feature: key, code: 'invalid_value', message });
  return null;
}

function isScalar(value: unknown): value is RawScalar {
  return typeof value !== 'object' || value === null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
