// What all decoders do with the keys of a request: an empty row to fill, and the issue for a key nobody knows.
import { LIMITS } from '../limits.ts';
import type { IssueList } from '../pipeline/issues.ts';
import { findNearest } from '../pipeline/nearest.ts';
import type { Columns, RawValue, Row } from '../pipeline/row.ts';

/** Unknown keys of a request that are compared with every name: a form can hold a million of them. */
const EXPLAINED = 20;

export function createRow(columns: Columns): Row {
  return new Array<RawValue>(columns.names.length).fill(undefined);
}

/** The part of a caller's text that a message may repeat. */
export function echo(text: string): string {
  if (text.length <= LIMITS.ECHO_CHARACTERS) return text;
  // A cut through a surrogate pair would not be valid text.
  return `${text.slice(0, LIMITS.ECHO_CHARACTERS).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

export function addUnknown(key: string, row: number, columns: Columns, issues: IssueList, hint = ''): void {
  const nearest = issues.count < EXPLAINED ? findNearest(key, columns.names) : null;
  const feature = echo(key);
  const help = nearest === null ? hint : ` Did you mean "${nearest}"?`;
  const message = `Unknown feature "${feature}".${help}`;
  const issue = { row, feature, code: 'unknown_feature' as const, message };
  issues.add(nearest === null ? issue : { ...issue, suggestion: nearest });
}
