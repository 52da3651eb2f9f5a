// What an object of JSON holds besides its values. The objects of a body were mostly written by one program, and are alike to
// the last blank: then only the values have to be read.
import { createGaps, type Gaps } from './decimal.ts';
import type { Column } from './table.ts';

export interface Shape {
  /** Up to the first value. */
  readonly opening: Gaps;
  /** In the order of the object; null is the label, which is ignored. */
  readonly columns: readonly (Column | null)[];
  /** For each member: where the decimals for one input end that begin with it. */
  readonly ends: Int32Array;
  readonly offsets: Int32Array;
  /** What stands behind each value, the next key included. */
  readonly gaps: Gaps;
  readonly absent: readonly Column[];
}

/** @param all the columns that an object may have. */
export function createShape(
  columns: readonly (Column | null)[],
  all: readonly Column[],
  opening: Uint8Array,
  gaps: readonly Uint8Array[],
): Shape {
  const present = new Set(columns);
  const ends = new Int32Array(columns.length);
  for (let i = columns.length - 1; i >= 0; i -= 1) {
    const [column, next] = [columns[i], columns[i + 1]];
    const isDecimal = column?.isFloat === true && !column.isVector;
    const isFollowed = column?.input === next?.input && (ends[i + 1] ?? 0) > i + 1;
    ends[i] = !isDecimal ? i : isFollowed ? (ends[i + 1] as number) : i + 1;
  }
  return {
    opening: createGaps([opening]),
    columns,
    ends,
    offsets: Int32Array.from(columns, (column) => column?.offsets[0] ?? 0),
    gaps: createGaps(gaps),
    absent: all.filter((column) => !present.has(column)),
  };
}
