// The parts that documented routes repeat: JSON bodies, answers and refusals.

import type { z } from 'zod';
import { errorSchema } from '../contract.ts';
import { MANAGEMENT_STATUS } from '../errors.ts';

export const json = <T extends z.ZodType>(schema: T) => ({
  required: true as const,
  content: { 'application/json': { schema } },
});

export const answer = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
});

type Status = (typeof MANAGEMENT_STATUS)[keyof typeof MANAGEMENT_STATUS] | 413 | 415 | 503;

const OTHER: Partial<Record<Status, string[]>> = {
  413: ['body_too_large'],
  415: ['unsupported_media_type'],
  503: ['model_unavailable'],
};

/** The refusals of a route: each status with its codes. */
export function refusals(...statuses: Status[]) {
  return Object.fromEntries(
    statuses.map((status) => {
      const codes = Object.entries(MANAGEMENT_STATUS).flatMap(([code, of]) => (of === status ? [code] : []));
      return [status, answer([...codes, ...(OTHER[status] ?? [])].join(', '), errorSchema)];
    }),
  );
}
