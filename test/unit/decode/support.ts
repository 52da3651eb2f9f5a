// What the decoder tests share: columns, bodies cut into chunks, and the rows of a stream.
import { expect } from 'vitest';
import type { Chunk } from '../../../worker/decode/chunk.ts';
import { drain } from '../../../worker/decode/read.ts';
import { IssueList } from '../../../worker/pipeline/issues.ts';
import type { Feature } from '../../../worker/pipeline/manifest.ts';
import { type Columns, createColumns, type Row } from '../../../worker/pipeline/row.ts';
import { createByteStream, cut } from '../../support/byte-stream.ts';

export function toColumns(features: Record<string, Feature['type']>, label?: string): Columns {
  const list = Object.entries(features).map(([name, type]) => ({ name, type }));
  return createColumns(label === undefined ? { features: list } : { features: list, label });
}

export const createIssues = (): IssueList => new IssueList('a=1');

/** A body in chunks of the given sizes (repeated), a record of whether it was cancelled, and how much of it was taken. */
export function toBody(content: string | Uint8Array, sizes: readonly number[] = [1 << 20]) {
  const { next, isTaken } = cut(content, sizes);
  const state = { cancelled: false };
  const cancel = () => {
    state.cancelled = true;
  };
  const body = createByteStream(next, cancel);
  return { body, state, isTaken };
}

/** What a decoder did not read of a body is there for who reads it to its end. */
export async function expectRest({ body, state, isTaken }: ReturnType<typeof toBody>): Promise<void> {
  expect([state.cancelled, body.locked, isTaken()]).toEqual([false, false, false]);
  await drain(body);
  expect(isTaken()).toBe(true);
}

/** Chunks of a decoder that knows no tensors. */
export function toRows(chunk: Chunk): Row[] {
  if ('feeds' in chunk) throw new Error('these are tensors');
  return chunk;
}

export async function collect(chunks: AsyncIterable<Chunk>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const chunk of chunks) rows.push(...toRows(chunk));
  return rows;
}

/** The error that `run` ends with. */
export async function catchError(run: () => unknown): Promise<{ code: string; message: string }> {
  try {
    await run();
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('expected an error');
}
