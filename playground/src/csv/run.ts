// The run: chunks go out two at a time, answers come back in the order of the file. It can be left anywhere, and taken up
// again where it was left, since what is not answered stays with the queue.
import type { PlaygroundError } from '../../wire.ts';
import { ApiFailure } from '../transport.ts';
import { type Answers, parseAnswers } from './answers.ts';
import { type Chunk, sliceChunk } from './chunks.ts';
import { RunStopped, toRunFailure, toUnreadable } from './failure.ts';
import { type SendDeps, sendChunk, type Wait } from './send.ts';
import { UnreadableFile } from './source.ts';

/** One is predicted while the other is on its way. */
const IN_FLIGHT = 2;

export interface Answered {
  readonly chunk: Chunk;
  readonly answers: Answers;
}

/** Chunks that wait to be answered, in the order of the file. */
export class ChunkQueue {
  readonly #chunks: AsyncGenerator<Chunk, undefined>;
  #returned: Chunk[] = [];

  constructor(chunks: AsyncGenerator<Chunk, undefined>) {
    this.#chunks = chunks;
  }

  async take(): Promise<Chunk | null> {
    return this.#returned.shift() ?? (await this.#chunks.next()).value ?? null;
  }

  putBack(chunks: readonly Chunk[]): void {
    this.#returned = [...chunks, ...this.#returned];
  }
}

interface Flight {
  readonly chunk: Chunk;
  readonly text: Promise<string>;
}

/** @throws RunStopped, with all that was answered before handed out; the signal's reason when it is aborted. */
export async function* predictChunks(
  queue: ChunkQueue,
  deps: SendDeps,
  signal: AbortSignal,
  onWait: (wait: Wait | null) => void,
): AsyncGenerator<Answered, undefined> {
  const flights: Flight[] = [];
  const others = new AbortController();
  const either = AbortSignal.any([signal, others.signal]);
  let unreadable: UnreadableFile | null = null;
  let isRead = false;
  try {
    for (;;) {
      while (!isRead && flights.length < IN_FLIGHT) {
        try {
          const chunk = await queue.take();
          if (chunk === null) isRead = true;
          else flights.push(launch(chunk, sendChunk(chunk, deps, either, onWait)));
        } catch (error) {
          if (!(error instanceof UnreadableFile)) throw error;
          unreadable = error;
          isRead = true;
        }
      }
      const [flight] = flights;
      if (flight === undefined) break;
      const { chunk } = flight;
      const answers = parseAnswers(await getText(flight));
      const count = answers.lines.length;
      const isWhole = count === chunk.records.length;
      if (count > chunk.records.length || (answers.error === null && !isWhole)) {
        throw toStopped(toMismatch(answers, chunk), 200, chunk);
      }
      flights.shift();
      if (isWhole) yield { chunk, answers };
      else {
        queue.putBack([sliceChunk(chunk, count), ...flights.splice(0).map((each) => each.chunk)]);
        if (count > 0) yield { chunk: sliceChunk(chunk, 0, count), answers };
      }
      if (answers.error !== null) throw toStopped(answers.error, 200, chunk);
    }
    if (unreadable !== null) throw new RunStopped(toUnreadable(unreadable.message));
  } finally {
    others.abort();
    queue.putBack(flights.map(({ chunk }) => chunk));
  }
}

/** Of a flight that nobody waits for any more the failure is of no interest. */
function launch(chunk: Chunk, text: Promise<string>): Flight {
  text.catch(() => undefined);
  return { chunk, text };
}

async function getText({ chunk, text }: Flight): Promise<string> {
  try {
    return await text;
  } catch (error) {
    throw error instanceof ApiFailure ? toStopped(error.body, error.status, chunk) : error;
  }
}

const toStopped = (body: PlaygroundError, status: number, chunk: Chunk) =>
  new RunStopped(toRunFailure(body, status, chunk));

function toMismatch({ lines }: Answers, { records }: Chunk): PlaygroundError {
  const message = `The server answered ${lines.length} of ${records.length} rows and did not say why.`;
  return { error: 'playground request failure', code: 'internal', message, request_id: '' };
}
