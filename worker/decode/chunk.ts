// What a streamed body is cut into.
import type { Row } from '../pipeline/row.ts';
import type { FedRows, FeedPlan } from '../pipeline/tensor.ts';

/** Rows, or rows that were read straight into tensors. */
export type Chunk = Row[] | FedRows;

export interface StreamOptions {
  /** Rows of a chunk, at most. */
  readonly chunkRows: number;
  /** Where the tensors of plain rows are described; without it every row is a Row. */
  readonly plan?: FeedPlan;
  /** See Room. */
  readonly hold?: ((bytes: number) => void) | undefined;
}

/** @returns where the text has had so many more line breaks, or its end. */
export function findLines(text: string, start: number, lines: number): number {
  let at = start;
  for (let i = 0; i < lines; i += 1) {
    at = text.indexOf('\n', at) + 1;
    if (at === 0) return text.length;
  }
  return at;
}
