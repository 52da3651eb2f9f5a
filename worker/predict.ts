// The way a prediction takes: identify → decode → tensors → run → encode. Knows no Hono, no KV and no ORT.
// What is in memory is found without waiting: a promise for each step would cost as much as the model.
import type { Admission, Place } from './admission.ts';
import { type Call, decodeCall } from './decode/call.ts';
import type { Chunk } from './decode/chunk.ts';
import { decodeInclude } from './decode/include.ts';
import { drain } from './decode/read.ts';
import type { Answer } from './encode/answer.ts';
import type { AnswerEncoder } from './encode/encoder.ts';
import { ANSWER_TYPES, type AnswerType } from './encode/formats.ts';
import { negotiate } from './encode/negotiate.ts';
import { toStream } from './encode/stream.ts';
import { AppError } from './errors.ts';
import type { ImageReader } from './image/cells.ts';
import { EngineCrash, InferenceError, type Session } from './inference/runtime.ts';
import type { SessionCache } from './inference/sessions.ts';
import { LIMITS } from './limits.ts';
import { IssueList } from './pipeline/issues.ts';
import type { Row } from './pipeline/row.ts';
import { type FedRows, type NamedTensor, toFeeds, toRowFeeds } from './pipeline/tensor.ts';
import { type Pipeline, toPipeline } from './pipelines.ts';
import { type Reader, unavailable } from './registry/reader.ts';
import type { Usage } from './usage/usage.ts';

export interface PredictDeps {
  readonly admission: Admission;
  readonly reader: Pick<Reader, 'findPipeline' | 'getPipeline' | 'readModel'>;
  readonly sessions: SessionCache;
  readonly usage: Pick<Usage, 'admit' | 'countRows'>;
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
  /** Rows answered in it. A stream begins with none, and counts them as it goes. */
  readonly rows: number;
}

/**
 * At once, without a promise, where all that is needed is in memory.
 * @throws AppError for everything that a caller can be told.
 */
export function predict(deps: PredictDeps, call: PredictCall): Prediction | Promise<Prediction> {
  const record = deps.reader.findPipeline(call.secret);
  if (record === null) return predictLater(deps, call, null);
  deps.usage.admit(record);
  const pipeline = toPipeline(record);
  return predictAtOnce(deps, pipeline, call, chooseType(call.accept)) ?? predictLater(deps, call, pipeline);
}

/** What waits for something holds memory meanwhile, and may be too much. */
async function predictLater(deps: PredictDeps, call: PredictCall, found: Pipeline | null): Promise<Prediction> {
  const place = deps.admission.enter();
  let isStreamed = false;
  try {
    const pipeline = found ?? (await getPipeline(deps, call.secret));
    const type = chooseType(call.accept);
    const prediction =
      predictAtOnce(deps, pipeline, call, type) ?? (await predictRows(deps, pipeline, call, type, place));
    isStreamed = typeof prediction.body !== 'string';
    return prediction;
  } finally {
    // A stream leaves when it ends.
    if (!isStreamed) place.leave();
  }
}

async function getPipeline({ reader, usage }: PredictDeps, secret: string): Promise<Pipeline> {
  const record = await reader.getPipeline(secret);
  usage.admit(record);
  return toPipeline(record);
}

/** @returns null unless the call is a plain query string and everything it needs is in memory. */
function predictAtOnce(deps: PredictDeps, pipeline: Pipeline, call: PredictCall, type: AnswerType): Prediction | null {
  const session = deps.sessions.find(pipeline.record.model.digest);
  const feeds = call.body === null && session !== null ? pipeline.feedQuery(call.search) : null;
  if (session === null || feeds === null) return null;
  return toPrediction(pipeline, pipeline.createEncoder(type, false), runFeeds(session, pipeline, feeds, 1, 1));
}

async function predictRows(
  deps: PredictDeps,
  pipeline: Pipeline,
  call: PredictCall,
  type: AnswerType,
  place: Place,
): Promise<Prediction> {
  const include = decodeInclude(call.search);
  const issues = new IssueList(pipeline.example);
  const input = await decodeCall({ ...call, room: place }, pipeline.feeds, pipeline.chunkRows, issues);
  const encoder = pipeline.createEncoder(type, 'chunks' in input || input.many, include);
  const readImages = await getImageReader(pipeline);
  if ('chunks' in input) {
    const answer = async (chunk: Chunk, firstRow: number) => {
      if ('feeds' in chunk) return runBatches(await getSession(deps, pipeline), pipeline, [{ ...chunk, firstRow }]);
      await readImages?.(chunk, firstRow);
      const batches = toBatches(pipeline, chunk, firstRow, issues);
      return runBatches(await getSession(deps, pipeline), pipeline, batches);
    };
    const run = async (chunk: Chunk, firstRow: number) => {
      place.touch();
      // A stream may last for hours: it ends with what its pipeline's switch and cap say (from memory, mostly).
      const present = await deps.reader.getPipeline(call.secret);
      if (firstRow > 1) deps.usage.admit(present);
      const answers = await answer(chunk, firstRow);
      deps.usage.countRows(present, answers.length);
      return answers;
    };
    const finishBody = async (): Promise<void> => {
      if (call.body !== null) await drain(call.body);
    };
    const body = await toStream(input.chunks, run, encoder, call.requestId, place.leave, finishBody);
    return { contentType: encoder.contentType, body, version: pipeline.record.version, rows: 0 };
  }
  if ('fed' in input) {
    const session = await getSession(deps, pipeline);
    return toPrediction(pipeline, encoder, runBatches(session, pipeline, numberRows(input.fed)));
  }
  if (readImages !== null) {
    checkImageRows(pipeline, input.rows.length);
    await readImages(input.rows, 1);
  }
  const batches = toBatches(pipeline, input.rows, 1, issues);
  const session = await getSession(deps, pipeline);
  return toPrediction(pipeline, encoder, runBatches(session, pipeline, batches));
}

/** Codecs are loaded by the first image, not by the first row. */
async function getImageReader({ record, feeds }: Pipeline): Promise<ImageReader | null> {
  if (feeds.columns.images.length === 0) return null;
  const { createImageReader } = await import('./image/cells.ts');
  return createImageReader(record.manifest);
}

/** What is not streamed is held in memory, and a small file may be a large tensor. */
function checkImageRows({ feeds }: Pipeline, rows: number): void {
  const most = Math.max(1, Math.floor(LIMITS.IMAGE_ELEMENTS / feeds.rowElements));
  if (rows <= most) return;
  throw new AppError(
    'body_too_large',
    `One JSON body may hold ${most} images of this size, and this one has ${rows}. Send NDJSON, which is answered as a stream.`,
  );
}

function toPrediction({ record }: Pipeline, encoder: AnswerEncoder, answers: readonly Answer[]): Prediction {
  const body = encoder.begin() + encoder.rows(answers) + encoder.end();
  return { contentType: encoder.contentType, body, version: record.version, rows: answers.length };
}

function chooseType(accept: string | null): AnswerType {
  const type = negotiate(accept, ANSWER_TYPES);
  if (type !== null) return type;
  throw new AppError('not_acceptable', `Answers are written as ${ANSWER_TYPES.join(', ')}.`);
}

/** @throws AppError model_unavailable. */
async function getSession(deps: PredictDeps, { record }: Pipeline): Promise<Session> {
  try {
    return await deps.sessions.get(record.model, () => deps.reader.readModel(record.model));
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw unavailable('The model cannot be loaded.', error);
  }
}

/** Rows that go into the engine together. */
interface Batch extends FedRows {
  readonly firstRow: number;
}

/**
 * The tensors of `rows`, one run after the other.
 * @throws AppError when one of the rows is wrong: nothing is predicted unless all are valid.
 */
function toBatches(pipeline: Pipeline, rows: readonly Row[], firstRow: number, issues: IssueList): Iterable<Batch> {
  const { feeds: plan, chunkRows } = pipeline;
  const fill = (at: number): Batch => {
    const part = rows.slice(at, at + chunkRows);
    return { feeds: toFeeds(plan, part, firstRow + at, issues), rows: part.length, firstRow: firstRow + at };
  };
  const starts = Array.from({ length: Math.ceil(rows.length / chunkRows) }, (_, i) => i * chunkRows);
  let batches: Batch[] = [];
  // Only one is kept. Where there are more, they are made again when their turn comes: two passes cost less than
  // memory for all.
  for (const at of starts) batches = [fill(at)];
  issues.throwIfAny();
  if (starts.length <= 1) return batches;
  return (function* () {
    for (const at of starts) yield fill(at);
  })();
}

function numberRows(fed: readonly FedRows[]): Batch[] {
  let firstRow = 1;
  return fed.map((each) => {
    const batch = { ...each, firstRow };
    firstRow += each.rows;
    return batch;
  });
}

function runBatches(session: Session, pipeline: Pipeline, batches: Iterable<Batch>): Answer[] {
  return Array.from(batches, ({ feeds, rows, firstRow }) => runFeeds(session, pipeline, feeds, rows, firstRow)).flat();
}

function runFeeds(
  session: Session,
  { feeds: plan, answers }: Pipeline,
  feeds: readonly NamedTensor[],
  rows: number,
  firstRow: number,
): Answer[] {
  if (plan.batch === 'dynamic') {
    try {
      return answers.toAnswers(session.run(feeds, answers.outputs), rows, firstRow);
    } catch (error) {
      // The engine does not say which row it was: they are tried one by one.
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
  if (error instanceof EngineCrash) return unavailable('The model stopped the engine, which is being replaced.', error);
  if (!(error instanceof InferenceError)) return error;
  const where = rows === 1 ? 'the input' : `row ${row}`;
  return new AppError('prediction_failed', `The model rejects ${where}: ${error.message}`, { cause: error });
}
