// One chunk to the playground's server, with patience: a limit is waited for, what does not answer is asked again.
import type { PlaygroundError } from '../../wire.ts';
import { ApiFailure, transport } from '../transport.ts';
import { type Chunk, toBody } from './chunks.ts';
import { isInterruption } from './failure.ts';

/** Seconds that a limit is waited for; a limit of a day is not. */
const LONGEST_WAIT = 90;
/** Waits for limits, one after the other; each is up to a minute. */
const LIMIT_TRIES = 20;
/** Seconds between tries where the answer names none: about as long as a deployment or a cold start takes. */
const PAUSES = [1, 2, 4, 8];

export interface Wait {
  readonly seconds: number;
  readonly why: 'limit' | 'failure';
}

export interface SendDeps {
  post(body: string, signal: AbortSignal): Promise<string>;
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export function createSendDeps(slug: string): SendDeps {
  return {
    async post(body, signal) {
      const headers = { 'Content-Type': 'text/csv', Accept: 'text/csv' };
      const response = await transport.send(`/demo/${slug}`, { method: 'POST', headers, body, signal });
      try {
        return await response.text();
      } catch {
        signal.throwIfAborted();
        throw new ApiFailure(0, CUT);
      }
    },
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        const stop = () => {
          clearTimeout(timer);
          reject(signal.reason);
        };
        const timer = setTimeout(() => {
          signal.removeEventListener('abort', stop);
          resolve();
        }, milliseconds);
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop, { once: true });
      }),
  };
}

/** @throws ApiFailure that patience does not help against, or when it is at its end. */
export async function sendChunk(
  chunk: Chunk,
  deps: SendDeps,
  signal: AbortSignal,
  onWait: (wait: Wait | null) => void,
): Promise<string> {
  const body = toBody(chunk);
  let limits = 0;
  let failures = 0;
  for (;;) {
    try {
      return await deps.post(body, signal);
    } catch (error) {
      if (!(error instanceof ApiFailure) || !isInterruption(error.body)) throw error;
      const isLimit = error.status === 429;
      const seconds = error.retryAfter ?? PAUSES[isLimit ? limits : failures] ?? LONGEST_WAIT;
      const isOver = isLimit ? ++limits > LIMIT_TRIES : ++failures > PAUSES.length;
      if (isOver || seconds > LONGEST_WAIT || error.body.code === 'daily_limit' || error.status === 500) throw error;
      onWait({ seconds, why: isLimit ? 'limit' : 'failure' });
      await deps.sleep(seconds * 1000, signal);
      onWait(null);
    }
  }
}

const CUT: PlaygroundError = {
  error: 'playground request failure',
  code: 'api_unreachable',
  message: 'The answer was cut off on its way.',
  request_id: '',
};
