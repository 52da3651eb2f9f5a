// What the server says of a value, and whether it can be put in its place. Pure.
import type { ApiError, FeatureSchema } from '../../../worker/contract.ts';

export type Issue = NonNullable<ApiError['issues']>[number];

/** @returns the suggestion, where it is a value and no description of one. */
export function findSuggestedValue({ type, values }: FeatureSchema, issue: Issue | undefined): string | null {
  const { suggestion } = issue ?? {};
  if (suggestion === undefined) return null;
  if (type === 'number' || type === 'integer') return /^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(suggestion) ? suggestion : null;
  return values?.map(String).includes(suggestion) ? suggestion : null;
}
