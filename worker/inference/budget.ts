// How much loaded models may hold by what they are thought to need. That is on the high side: of 1,000 small ones, 64 MB by
// this count were 27 MB of memory. So as long as the engine's memory is not used up, more may be held; then so much and
// no more.
import { LIMITS } from '../limits.ts';

export interface Budget {
  /**
   * @param memory what the engine has; it never shrinks.
   * @param held what the models in it are thought to need.
   * @param wanted what another one would need.
   * @returns what may be held with it.
   */
  update(memory: number, held: number, wanted: number): number;
}

/** Where memory grows all the same, others have come than those by which the budget grew: so much less is held for each byte. */
const RETREAT = 8;

/** @param full memory of an engine that is used up. */
export function createBudget(full: number): Budget {
  let budget: number = LIMITS.SESSION_CACHE_BYTES;
  let seen = full;
  return {
    update(memory, held, wanted) {
      if (memory > seen) {
        budget = Math.max(LIMITS.SESSION_CACHE_BYTES, budget - RETREAT * (memory - seen));
        seen = memory;
      } else if (memory + wanted <= full) budget = Math.max(budget, held + wanted);
      return budget;
    },
  };
}
