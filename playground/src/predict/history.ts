// The values a forecast starts from, the oldest first. Pure.
import type { PipelineSchema } from '../../../worker/contract.ts';
import type { Row } from '../row.ts';

/** A vector in its order; else the numeric columns in theirs, which is the order of the model. */
export function toHistory({ features }: PipelineSchema, row: Row): { name: string; value: number }[] {
  const vector = features.find(({ length }) => length !== undefined);
  if (vector !== undefined) {
    const values = row[vector.name];
    if (!Array.isArray(values)) return [];
    return values.map((value, i) => ({ name: `${i - values.length + 1}`, value: Number(value) }));
  }
  return features
    .filter(({ type }) => type === 'number' || type === 'integer')
    .map(({ name }) => ({ name, value: Number(row[name] ?? Number.NaN) }))
    .filter(({ value }) => Number.isFinite(value));
}
