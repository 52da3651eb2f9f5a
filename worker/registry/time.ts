// Waiting, but not for ever.

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * @param late called when `work` succeeds after it was given up.
 * @returns whether `work` succeeded within `ms`. Never throws: what storage says in an error may hold a key.
 */
export async function settleWithin(work: Promise<unknown>, ms: number, late: () => void): Promise<boolean> {
  let given = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => {
      given = true;
      resolve(false);
    }, ms);
  });
  const done = work.then(
    () => {
      if (given) late();
      return true;
    },
    () => false,
  );
  const ok = await Promise.race([done, timeout]);
  clearTimeout(timer);
  return ok;
}
