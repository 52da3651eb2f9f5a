// The state of a model's API in plain words.
import type { ConsoleModel } from '../../../wire.ts';
import { getNewest } from '../model-cache.ts';
import type { Wish } from '../use-switch.ts';
import { toDate } from '../words.ts';

export interface StateWords {
  readonly state: string;
  readonly detail: string;
  /** What is in the way, where something is. */
  readonly problem: string | null;
}

/** @param wish what has just been asked for, or null. */
export function toStateWords(model: ConsoleModel, wish: Wish | null): StateWords {
  const { status, reason = null, version, candidate, activated_at, limited_until } = model.pipeline;
  const newest = getNewest(model);
  if (wish !== null) {
    return wish.on
      ? { state: 'Deploying…', detail: `Version ${wish.version ?? newest} is being loaded and checked.`, problem: null }
      : { state: 'Switching off…', detail: 'Callers will be refused.', problem: null };
  }
  switch (status) {
    case 'inactive':
      return {
        state: 'Off',
        detail:
          version === null
            ? 'Switch it on to get its secret URL. It takes about a second, and nothing is public before.'
            : `Callers are refused with 403. Its URL is kept; version ${newest} goes live with the switch.`,
        problem: reason,
      };
    case 'deploying':
      return {
        state: `Deploying version ${version ?? newest}…`,
        detail: 'It is loaded where it will serve, and checked before anybody can call it.',
        problem: reason,
      };
    case 'failed':
      return {
        state: `Version ${version ?? newest} could not be activated`,
        detail: 'Nothing is live. Try again, go back to an earlier version, or upload another.',
        problem: reason,
      };
    case 'active':
      if (limited_until !== undefined) {
        return {
          state: 'Active, but its daily cap is reached',
          detail: `Callers get 429 (daily_limit) until ${toDate(limited_until)}, then it answers again. A higher cap, under Usage, ends this at once.`,
          problem: reason,
        };
      }
      return candidate === undefined
        ? {
            state: 'Active',
            detail: model.tutorial
              ? 'The tutorial is always active, so that there is something to call. It counts for nothing.'
              : `Version ${version} answers${activated_at === null ? '' : ` since ${toDate(activated_at)}`}.`,
            problem: reason,
          }
        : {
            state: `Active; version ${candidate} is on its way…`,
            detail: `Version ${version} answers until version ${candidate} has passed its checks.`,
            problem: reason,
          };
  }
}
