// Waiting, but not for ever.

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** given_up: it has not ended, and may still do anything. */
export type Settled = 'done' | 'failed' | 'given_up';

/**
 * How `work` has ended after `ms` at the latest. Never throws: what storage says in an error may hold a key.
 * @param late called when `work` ends, well or not, after it was given up.
 */
export async function settleWithin(work: Promise<unknown>, ms: number, late: () => void): Promise<Settled> {
  let given = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<Settled>((resolve) => {
    timer = setTimeout(() => {
      given = true;
      resolve('given_up');
    }, ms);
  });
  const end = (settled: Settled) => (): Settled => {
    if (given) late();
    return settled;
  };
  const settled = await Promise.race([work.then(end('done'), end('failed')), timeout]);
  clearTimeout(timer);
  return settled;
}
