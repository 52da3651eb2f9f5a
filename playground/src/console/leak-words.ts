// That a URL was called from web pages, in plain words. Pure.
import type { PageCalls } from '../../../worker/contract.ts';
import { toCount } from './words.ts';

/** "Its URL was called from a page on example.org": the one that called last, and how many others. */
export function toLeakTitle({ origins }: PageCalls): string {
  const named = origins.flatMap(({ origin }) => (origin === null ? [] : [origin]));
  const [latest] = named;
  if (latest === undefined) return 'Its URL was called from a web page';
  const others = origins.length - 1;
  return `Its URL was called from a page on ${latest}${others === 0 ? '' : ` and from ${toCount(others, 'other place')}`}`;
}
