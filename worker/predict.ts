// The way a prediction takes: identify → decode → tensors → run → encode. Knows no Hono, no KV and no ORT.
import { type Call, decodeCall } from './decode/call.ts';
import { decodeInclude } from './decode/include.ts';
import { type Answer, type AnswerPlan, createAnswerPlan } from './encode/answer.ts';
import type { AnswerEncoder } from './encode/encoder.ts';
import { ANSWER_TYPES, type AnswerType, createEncoder } from './encode/formats.ts';
import { negotiate } from './encode/negotiate.ts';
import { AppError, toAppError, toErrorBody } from './errors.ts';
import { EngineCrash, InferenceError, type Session } from './inference/runtime.ts';
import type { SessionCache } from './inference/sessions.ts';
import { LIMITS } from './limits.ts';
import { toExampleQuery } from './pipeline/example.ts';
import { IssueList } from './pipeline/issues.ts';
import type { Row } from './pipeline/row.ts';
import { createFeedPlan, type FeedPlan, type NamedTensor, toFeeds, toRowFeeds } from './pipeline/tensor.ts';
import { type Reader, unavailable } from './registry/reader.ts';
import type { PipelineRecord } from './registry/records.ts';

export interface PredictDeps {
  readonly reader: Reader;
  readonly sessions: SessionCache;
}

export interface PredictCall extends Call {
  readonly secret: string;
  /** The Accept header, or null. */
  readonly accept: string | null;
  readonly requestId: string;
}

export interface Prediction {
  readonly contentType: string;
  readonly body: string | ReadableStream<Uint8Array>;
  /** The model's version that answered. */
  readonly version: number;
}

/** A record and what is compiled from its manifest, once. */
interface Pipeline {
  readonly record: PipelineRecord;
  readonly feeds: FeedPlan;
  readonly answers: AnswerPlan;
  readonly example: string;
  readonly chunkRows: number;
}

/** @throws AppError for everything that a caller can be told. */
export async function predict(deps: PredictDeps, call: PredictCall): Promise<Prediction> {
  const pipeline = toPipeline(await deps.reader.getPipeline(call.secret));
  const { manifest, version } = pipeline.record;
  const type = chooseType(call.accept);
  const issues = new IssueList(pipeline.example);
  const input = await decodeCall(call, pipeline.feeds.columns, pipeline.chunkRows, issues);
  const encoder = createEncoder(type, manifest, 'chunks' in input || input.many, decodeInclude(call.search));
  const run = (rows: readonly Row[], firstRow: number) => runRows(deps, pipeline, rows, firstRow, issues);
  if ('chunks' in input) {
    const body = await toStream(input.chunks, run, encoder, call.requestId);
    return { contentType: encoder.contentType, body, version };
  }
  const answers = await run(input.rows, 1);
  const text = encoder.begin() + encoder.rows(answers) + encoder.end();
  return { contentType: encoder.contentType, body: text, version };
}

const compiled = new WeakMap<PipelineRecord, Pipeline>();

function chooseType(accept: string | null): AnswerType {
  const type = negotiate(accept, ANSWER_TYPES);
  if (type !== null) return type;
  throw new AppError('not_acceptable', `Answers are written as ${ANSWER_TYPES.join(', ')}.`);
}

function toPipeline(record: PipelineRecord): Pipeline {
  let pipeline = compiled.get(record);
  if (pipeline === undefined) {
    const { manifest } = record;
    const feeds = createFeedPlan(manifest);
    const chunkRows = Math.max(1, Math.min(LIMITS.CHUNK_ROWS, Math.floor(LIMITS.CHUNK_ELEMENTS / feeds.rowElements)));
    pipeline = { record, feeds, answers: createAnswerPlan(manifest), example: toExampleQuery(manifest), chunkRows };
    compiled.set(record, pipeline);
  }
  return pipeline;
}

/** Predicts nothing unless every one of `rows` is valid. */
async function runRows(
  deps: PredictDeps,
  pipeline: Pipeline,
  rows: readonly Row[],
  firstRow: number,
  issues: IssueList,
): Promise<Answer[]> {
  const { record, feeds: plan, chunkRows } = pipeline;
  // More rows than one run takes are checked before the first run; their tensors are made again for it, since two
  // passes cost less than memory for all of them.
  if (rows.length > chunkRows) {
    for (let at = 0; at < rows.length; at += chunkRows) {
      toFeeds(plan, rows.slice(at, at + chunkRows), firstRow + at, issues);
    }
    issues.throwIfAny();
  }
  const answers: Answer[] = [];
  for (let at = 0; at < rows.length; at += chunkRows) {
    const part = rows.slice(at, at + chunkRows);
    const feeds = toFeeds(plan, part, firstRow + at, issues);
    issues.throwIfAny();
    const { model } = record;
    try {
      const load = () => deps.reader.getModel(model);
      const run = (session: Session) => runFeeds(session, pipeline, feeds, part.length, firstRow + at);
      answers.push(...(await deps.sessions.use(model.digest, load, run)));
    } catch (error) {
      if (error instanceof InferenceError) throw unavailable('The model cannot be loaded.', error);
      if (error instanceof EngineCrash)
        throw unavailable('The model stopped the engine, which is being replaced.', error);
      throw error;
    }
  }
  return answers;
}

function runFeeds(
  session: Session,
  pipeline: Pipeline,
  feeds: readonly NamedTensor[],
  rows: number,
  firstRow: number,
): Answer[] {
  const { feeds: plan, answers } = pipeline;
  if (plan.batch === 'dynamic') {
    try {
      return answers.toAnswers(session.run(feeds, answers.outputs), rows, firstRow);
    } catch (error) {
      // The engine does not say which row it was.
      if (!(error instanceof InferenceError) || rows === 1) throw toFailure(error, firstRow, rows);
    }
  }
  return Array.from({ length: rows }, (_, r) => {
    try {
      const [answer] = answers.toAnswers(session.run(toRowFeeds(plan, feeds, r), answers.outputs), 1, firstRow + r);
      if (answer === undefined) throw new AppError('model_output_invalid', 'The model answered nothing.');
      return answer;
    } catch (error) {
      throw toFailure(error, firstRow + r, rows);
    }
  });
}

function toFailure(error: unknown, row: number, rows: number): unknown {
  if (!(error instanceof InferenceError)) return error;
  const where = rows === 1 ? 'the input' : `row ${row}`;
  return new AppError('prediction_failed', `The model rejects ${where}: ${error.message}`, { cause: error });
}

/** Streams the answers of a streamed body. What is wrong with the first chunk is still an ordinary error answer. */
async function toStream(
  chunks: AsyncGenerator<Row[]>,
  run: (rows: readonly Row[], firstRow: number) => Promise<Answer[]>,
  encoder: AnswerEncoder,
  requestId: string,
): Promise<ReadableStream<Uint8Array>> {
  const texts = encodeChunks(chunks, run, encoder);
  // The beginning and the first chunk come together, so that after them an error is never the first thing sent.
  const first = await texts.next();
  const bytes = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      if (!first.done) controller.enqueue(bytes.encode(first.value));
    },
    async pull(controller) {
      try {
        const next = await texts.next();
        if (next.done) controller.close();
        else controller.enqueue(bytes.encode(next.value));
      } catch (error) {
        const known = toAppError(error, requestId);
        controller.enqueue(bytes.encode(encoder.fail(toErrorBody(known, requestId))));
        controller.close();
      }
    },
    async cancel() {
      await texts.return(undefined);
    },
  });
}

async function* encodeChunks(
  chunks: AsyncGenerator<Row[]>,
  run: (rows: readonly Row[], firstRow: number) => Promise<Answer[]>,
  encoder: AnswerEncoder,
): AsyncGenerator<string, undefined> {
  let firstRow = 1;
  let opening = encoder.begin();
  for await (const rows of chunks) {
    yield opening + encoder.rows(await run(rows, firstRow));
    opening = '';
    firstRow += rows.length;
  }
  yield opening + encoder.end();
}
