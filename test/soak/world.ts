// What all parts of the soak share: the stand, chance, what was done and seen, and every finding.
import type { Answered } from '../support/owner.ts';
import type { Stand } from '../support/stand.ts';
import type { History } from './history.ts';

export interface Counts {
  /** Requests of callers, by what became of them. */
  readonly calls: Record<string, number>;
  /** Of owners: operations, by name and outcome. */
  readonly operations: Record<string, number>;
  readonly faults: Record<string, number>;
}

export interface ModelCount {
  /** Predictions that callers have received, and when. */
  readonly answeredAt: number[];
  /** Requests whose answer never came. */
  unanswered: number;
}

export interface World {
  readonly stand: Stand;
  readonly random: () => number;
  readonly counts: Counts;
  readonly histories: Map<string, History>;
  /** By the id of the model. */
  readonly usage: Map<string, ModelCount>;
  readonly modelOf: Map<string, string>;
  /** Everything that must be in no log. */
  readonly secrets: Record<string, string>;
  readonly findings: string[];
  /** When objects were ended, or the process was. */
  readonly breaks: { readonly at: number; until: number; readonly kind: 'abort' | 'kill' }[];
  isOver(): boolean;
  find(what: string): void;
}

/** Whether there was no process at some moment since. A connection that was open may break a little later. */
export function wasDown({ breaks }: World, since: number): boolean {
  return breaks.some(({ until, kind }) => kind === 'kill' && until >= since - 1000);
}

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export function count(counts: Record<string, number>, key: string, by = 1): void {
  counts[key] = (counts[key] ?? 0) + by;
}

export function pick<T>(random: () => number, items: readonly T[]): T | undefined {
  return items[Math.floor(random() * items.length)];
}

/** An answer that says what happened, or null: no answer, or one that leaves it open. */
export async function attempt<T>(
  world: World,
  name: string,
  call: () => Promise<Answered<T>>,
): Promise<Answered<T> | null> {
  const startedAt = Date.now();
  try {
    const answered = await call();
    if (answered.status === 500) world.find(`${name} was answered with 500`);
    if (answered.status !== 503 && answered.status !== 500) return answered;
    if (!answered.headers.has('Retry-After')) world.find(`${name} was answered with 503 without Retry-After`);
  } catch (error) {
    if (!wasDown(world, startedAt)) world.find(`${name} was not answered: ${error}`);
  }
  return null;
}
