// A CSV that is the raw series (one value per line) beside a model that takes a window of it: one vector feature.
import { isId, isIndex } from './columns.ts';
import type { InputSpec } from './inputs.ts';
import type { Column } from './training.ts';

const TIME_NAME = /date|time|year|month|day|week|hour|minute|quarter|period|^ds$|^t$|step/i;

/**
 * @param labels the label columns; a series is its own label.
 * @returns the column of the series; null where the columns are features.
 */
export function findSeries(
  specs: readonly InputSpec[],
  columns: readonly Column[],
  labels: readonly Column[],
): Column | null {
  const [spec] = specs;
  if (specs.length !== 1 || spec === undefined || spec.dtype === 'string' || spec.dtype === 'bool') return null;
  if (spec.width === null || spec.width < 2 || labels.length > 1) return null;
  const numbers = columns.filter((column) => column.kind === 'number' && !labels.includes(column));
  if (numbers.length >= spec.width) return null;
  const values = numbers.filter((column) => !isTime(column));
  const [label] = labels;
  if (label !== undefined) return label.kind === 'number' && values.length === 0 ? label : null;
  return values.length === 1 && columns.length <= 3 ? (values[0] ?? null) : null;
}

function isTime(column: Column): boolean {
  return TIME_NAME.test(column.name) || isIndex(column) || (isId(column) && column.unique);
}
