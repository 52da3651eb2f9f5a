// The answers of a streamed body, chunk by chunk, as the body of a Response. What goes wrong after its beginning is written
// into it, as the last of the answers.
import { toAppError, toErrorBody } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Answer } from './answer.ts';
import type { AnswerEncoder } from './encoder.ts';

/** @param firstRow the number of the chunk's first row, from 1. */
type RunChunk<Chunk> = (chunk: Chunk, firstRow: number) => Promise<Answer[]>;

/**
 * Streams the answers of a streamed body. What is wrong with the first HELD_ROWS is still an ordinary error answer.
 * @param onEnd called once the stream has begun, when it ends.
 * @param finishBody reads what a failure leaves of the body, or the caller who still sends does not hear of it.
 */
export async function toStream<Chunk>(
  chunks: AsyncGenerator<Chunk>,
  run: RunChunk<Chunk>,
  encoder: AnswerEncoder,
  requestId: string,
  onEnd: () => void,
  finishBody: () => Promise<void>,
): Promise<ReadableStream<Uint8Array>> {
  const texts = encodeChunks(chunks, run, encoder);
  const bytes = new TextEncoder();
  let first = '';
  for (let held = 0; held < LIMITS.HELD_ROWS; ) {
    const next = await texts.next();
    if (next.done) break;
    first += next.value.text;
    held += next.value.rows;
  }
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.encode(first));
    },
    async pull(controller) {
      try {
        const next = await texts.next();
        if (!next.done) return controller.enqueue(bytes.encode(next.value.text));
        controller.close();
        onEnd();
      } catch (error) {
        onEnd();
        const known = toAppError(error, requestId);
        controller.enqueue(bytes.encode(encoder.fail(toErrorBody(known, requestId))));
        await finishBody();
        controller.close();
      }
    },
    async cancel() {
      onEnd();
      await texts.return(undefined);
    },
  });
}

async function* encodeChunks<Chunk>(
  chunks: AsyncGenerator<Chunk>,
  run: RunChunk<Chunk>,
  encoder: AnswerEncoder,
): AsyncGenerator<{ text: string; rows: number }, undefined> {
  let firstRow = 1;
  let opening = encoder.begin();
  for await (const chunk of chunks) {
    const answers = await run(chunk, firstRow);
    yield { text: opening + encoder.rows(answers), rows: answers.length };
    opening = '';
    firstRow += answers.length;
  }
  yield { text: opening + encoder.end(), rows: 0 };
}
