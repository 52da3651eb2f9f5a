// One row from several places: the query string, form fields, a JSON part. A feature comes from one of them only.
import type { IssueList } from '../pipeline/issues.ts';
import type { Columns, Row } from '../pipeline/row.ts';
import { echo } from './keys.ts';

/** @returns the values of both; a feature found in both is an issue. */
export function mergeRows(first: Row, second: Row, columns: Columns, issues: IssueList): Row {
  return columns.names.map((name, position) => {
    const [a, b] = [first[position], second[position]];
    if (a === undefined || b === undefined) return a === undefined ? b : a;
    const message = `"${echo(name)}" is given twice, in different parts of the request.`;
    issues.add({ row: 1, feature: name, code: 'invalid_value', message });
    return b;
  });
}
