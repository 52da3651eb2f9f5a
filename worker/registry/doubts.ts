// When KV is not to be believed: a record that says "off" may be older than an activation, and a secret that this
// isolate saw change may still be cached as it was. Then the account object is asked, at a bounded rate.
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { PipelineRecord } from './records.ts';

export interface Doubts {
  /** KV's word on this secret is not to be used for the next DOUBT_SECONDS, nor before it was seen to be the object's. */
  add(secret: string, accountId: string): void;
  /** Whether KV need not even be asked. */
  has(secret: string): boolean;
  /** Changes with every `add`. */
  since(secret: string): number;
  /**
   * @param record what KV says.
   * @returns the truth: the record itself, or what the account object answers where it may be out of date.
   * @throws AppError model_unavailable where the secret is in doubt and the object does not answer.
   */
  check(secret: string, digest: string, record: PipelineRecord | null): Promise<PipelineRecord | null>;
}

interface Answer {
  readonly record: PipelineRecord | null;
  readonly second: number;
  readonly asks: number;
}

export function createDoubts(
  now: () => number,
  ask: (accountId: string, secretDigest: string) => Promise<PipelineRecord | null>,
): Doubts {
  const doubted = new Map<string, { readonly accountId: string; readonly until: number }>();
  /** The last answer about what is switched off: callers of a dead URL must not wear out its owner's object. */
  const answers = new Map<string, Answer>();

  function add(secret: string, accountId: string): void {
    answers.delete(secret);
    doubted.delete(secret);
    doubted.set(secret, { accountId, until: now() + LIMITS.DOUBT_SECONDS * 1000 });
    if (doubted.size > LIMITS.DOUBTS) doubted.delete(doubted.keys().next().value ?? '');
  }

  function remember(secret: string, answer: Answer): void {
    answers.delete(secret);
    answers.set(secret, answer);
    if (answers.size > LIMITS.DOUBTS) answers.delete(answers.keys().next().value ?? '');
  }

  return {
    since: (secret) => doubted.get(secret)?.until ?? 0,
    add,
    has: (secret) => (doubted.get(secret)?.until ?? 0) > now(),
    async check(secret, digest, record) {
      const doubt = doubted.get(secret);
      const isOver = doubt !== undefined && doubt.until <= now();
      const accountId = doubt?.accountId ?? (record?.state === 'inactive' ? record.account_id : null);
      if (accountId === null) return record;
      const second = Math.floor(now() / 1000);
      const last = answers.get(secret);
      const asks = last?.second === second ? last.asks : 0;
      const known = last === undefined ? (doubt === undefined ? record : undefined) : last.record;
      if (known !== undefined && asks >= LIMITS.ASKS_PER_SECOND) return known;
      // Counted before it is asked: thousands of calls may come before the first answer.
      if (known !== undefined) remember(secret, { record: known, second, asks: asks + 1 });
      try {
        const truth = await ask(accountId, digest);
        // KV may not have taken the change yet, or be further behind than it should: then the doubt begins anew.
        if (isOver && doubted.get(secret) === doubt) {
          if (isSame(truth, record)) doubted.delete(secret);
          else add(secret, accountId);
        }
        if (truth?.state === 'active') answers.delete(secret);
        else remember(secret, { record: truth, second, asks: Math.max(asks + 1, answers.get(secret)?.asks ?? 0) });
        return truth;
      } catch (cause) {
        // KV said "off", and nothing else is known: that is the safe answer.
        if (doubt === undefined) return record;
        throw new AppError('model_unavailable', 'This pipeline has just been changed. Try again.', { cause });
      }
    },
  };
}

export function isSame(a: PipelineRecord | null, b: PipelineRecord | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
