// An application/x-www-form-urlencoded body as one row, by the rules of the query string.
import type { IssueList } from '../pipeline/issues.ts';
import type { Columns, Row } from '../pipeline/row.ts';
import { decodePairs } from './query.ts';

/** @throws AppError malformed_body where the percent-encoding is not UTF-8. */
export function decodeForm(text: string, columns: Columns, issues: IssueList): Row {
  // Some clients end a form with a line break, which is no part of the last value.
  return decodePairs(text.replace(/\r?\n$/, ''), 0, 'form', columns, issues, []);
}
