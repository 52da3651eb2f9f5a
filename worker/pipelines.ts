// A pipeline ready to predict: a record and what is compiled from its manifest, once for as long as it is remembered.
import { type Include, NOTHING_MORE } from './decode/include.ts';
import { createQueryFeeder, type QueryFeeder } from './decode/query-feeds.ts';
import { type AnswerPlan, createAnswerPlan } from './encode/answer.ts';
import type { AnswerEncoder } from './encode/encoder.ts';
import { type AnswerType, createEncoder } from './encode/formats.ts';
import { LIMITS } from './limits.ts';
import { toExampleQuery } from './pipeline/example.ts';
import { createFeedPlan, type FeedPlan } from './pipeline/tensor.ts';
import type { PipelineRecord } from './registry/records.ts';

export interface Pipeline {
  readonly record: PipelineRecord;
  readonly feeds: FeedPlan;
  readonly feedQuery: QueryFeeder;
  readonly answers: AnswerPlan;
  /** A query string that it answers. */
  readonly example: string;
  /** Rows of one run, at most. */
  readonly chunkRows: number;
  createEncoder(type: AnswerType, many: boolean, include?: Include): AnswerEncoder;
}

/** Rows of one run, at most. */
export function toChunkRows({ rowElements }: FeedPlan): number {
  return Math.max(1, Math.min(LIMITS.CHUNK_ROWS, Math.floor(LIMITS.CHUNK_ELEMENTS / rowElements)));
}

const compiled = new WeakMap<PipelineRecord, Pipeline>();

export function toPipeline(record: PipelineRecord): Pipeline {
  const known = compiled.get(record);
  if (known !== undefined) return known;
  const { manifest } = record;
  const feeds = createFeedPlan(manifest);
  // The encoder of one plain answer keeps no state: it serves all of them.
  const one = createEncoder('application/json', manifest, false, NOTHING_MORE);
  const pipeline: Pipeline = {
    record,
    feeds,
    feedQuery: createQueryFeeder(feeds),
    answers: createAnswerPlan(manifest),
    example: toExampleQuery(manifest),
    chunkRows: toChunkRows(feeds),
    createEncoder(type, many, include = NOTHING_MORE) {
      const isPlain = type === 'application/json' && !many && include === NOTHING_MORE;
      return isPlain ? one : createEncoder(type, manifest, many, include);
    },
  };
  compiled.set(record, pipeline);
  return pipeline;
}
