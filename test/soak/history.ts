// What callers of one secret may be answered, and when: what was acknowledged to its owner, and for how long the answer
// before it may still be seen.
import { LIMITS } from '../../worker/limits.ts';
import type { Stand } from '../support/stand.ts';

/** `version`: the number of the model that answers. */
export type Truth = { readonly kind: 'version'; readonly number: number; readonly version: number } | Off;
interface Off {
  readonly kind: 'off' | 'gone';
}
export const OFF: Truth = { kind: 'off' };
export const GONE: Truth = { kind: 'gone' };

interface Span {
  readonly truth: Truth;
  readonly from: number;
  until: number;
  /** When the change was sent that ended it. */
  endedBy: number;
}

export interface History {
  readonly secret: string;
  readonly key: string;
  /** Of these the last settled one holds. */
  readonly spans: Span[];
  /** The number that this process has answered with lately, from memory therefore. */
  warm: { readonly startedAt: number; readonly number: number } | null;
}

/** How long everywhere may be behind: the documented minute. */
export const WINDOW_MS = 60_000;

const SWITCH_MS = LIMITS.DOUBT_CACHE_SECONDS * 1000 + 500;

export function createHistory(secret: string, key: string, since: number): History {
  return { secret, key, spans: [{ truth: GONE, from: 0, until: since, endedBy: since }], warm: null };
}

/** From `sentAt` on it may be so; whatever else may be, may still be. */
export function begin({ spans }: History, truth: Truth, sentAt: number): void {
  spans.push({ truth, from: sentAt, until: Number.POSITIVE_INFINITY, endedBy: Number.POSITIVE_INFINITY });
}

/** It is so, as the owner was told at `at`. */
export function settle(history: History, truth: Truth, sentAt: number, at: number): void {
  if (!history.spans.some((span) => span.until > at && isSame(span.truth, truth))) begin(history, truth, sentAt);
  for (const span of history.spans) {
    if (span.until <= at || span.from > at || isSame(span.truth, truth)) continue;
    span.until = at;
    span.endedBy = sentAt;
  }
}

/**
 * An old secret in its grace: the clock ends it in the same moment for everybody who knows of the rotation.
 * @param rotatedAt when that was sent: KV may be behind it.
 */
export function endAt({ spans }: History, end: number, rotatedAt: number): void {
  for (const span of spans) {
    if (span.truth.kind === 'gone' || span.until <= end) continue;
    span.until = end;
    span.endedBy = rotatedAt;
  }
  if (!spans.some(({ truth, until }) => truth.kind === 'gone' && until === Number.POSITIVE_INFINITY)) {
    spans.push({ truth: GONE, from: end, until: Number.POSITIVE_INFINITY, endedBy: Number.POSITIVE_INFINITY });
  }
}

export function present({ spans }: History): Truth {
  return spans.findLast(({ from, until }) => from <= Date.now() && until > Date.now())?.truth ?? GONE;
}

/** @returns null, or what was wrong with an answer to a request that was sent at `sentAt`. */
export function findWrong(history: History, answered: Truth, sentAt: number, at: number, stand: Stand): string | null {
  const matching = history.spans.filter(({ truth, from }) => isSame(truth, answered) && from <= at);
  if (matching.some((span) => sentAt <= span.until + (isSwitch(history, span) ? SWITCH_MS : 0))) return null;
  if (matching.some((span) => isBehind(span, history.key, sentAt, stand))) return null;
  const spans = history.spans.map(({ truth, from, until }) => `${show(truth)} ${from - sentAt}…${until - sentAt} ms`);
  return `answered ${show(answered)}, where there was ${spans.join(', ')} (sent at 0, process of ${stand.startedAt() - sentAt})`;
}

/** One version after another: an isolate asks its account each second. */
function isSwitch({ spans }: History, { truth, until }: Span): boolean {
  const isNext = (span: Span) => span.truth.kind === 'version' && span.from <= until && span.until > until;
  return truth.kind === 'version' && spans.some(isNext);
}

/** Only an isolate that did not see the change itself may go on as before, or one for which KV says "no such secret". */
function isBehind({ truth, until, endedBy }: Span, key: string, sentAt: number, stand: Stand): boolean {
  if (stand.startedAt() < endedBy && truth.kind !== 'gone') return false;
  const writtenAt = stand.kv.writtenAt(key);
  // KV was down and has not taken it yet, or took it late.
  return writtenAt < endedBy || sentAt <= Math.max(until, writtenAt) + WINDOW_MS + LIMITS.DOUBT_CACHE_SECONDS;
}

export function isSame(a: Truth, b: Truth): boolean {
  return a.kind === b.kind && (a.kind !== 'version' || b.kind !== 'version' || a.number === b.number);
}

export function show(truth: Truth): string {
  return truth.kind === 'version' ? `model ${truth.number} (version ${truth.version})` : truth.kind;
}
