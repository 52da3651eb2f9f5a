// What tests of `npm start` share.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Below those that the system gives to whoever asks for any: one of its own would be somebody's before it is used. */
const [FIRST_PORT, LAST_PORT] = [20_000, 29_999];

/** @returns a port of 127.0.0.1 on which nobody listens. */
export async function findPort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    const isFree = await new Promise<boolean>((resolve) => {
      const probe = createServer()
        .once('error', () => resolve(false))
        .listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}
