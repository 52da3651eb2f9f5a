// A small CSV that the pipeline answers, for those who have none at hand: the schema's example, and rows within what
// training has seen. The same schema gives the same file. Pure.
import Papa from 'papaparse';
import type { PipelineSchema } from '../../../worker/contract.ts';
import { toChanceRow, toExampleRow } from '../predict/fields.ts';
import type { RowValue } from '../row.ts';

const SEED = 5241;

export function toSampleCsv(schema: PipelineSchema, rows: number): string {
  const random = createRandom(SEED);
  const table = Array.from({ length: rows }, (_, i) => (i === 0 ? toExampleRow(schema) : toChanceRow(schema, random)));
  const names = schema.features.map(({ name }) => name);
  return `${Papa.unparse([names, ...table.map((row) => names.map((name) => toCell(row[name] ?? null)))], { newline: '\n' })}\n`;
}

function toCell(value: RowValue): string {
  if (value === null) return '';
  return Array.isArray(value) ? JSON.stringify(value) : String(value);
}

/** Mulberry32: small, and good enough for examples. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
