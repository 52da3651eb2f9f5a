// `$include` of the query string: what an answer carries beyond the prediction and its probabilities.
import { AppError } from '../errors.ts';

export interface Include {
  /** The class names, in the order of the probabilities. */
  readonly classes: boolean;
  /** The classes with their probabilities, best first. */
  readonly top: boolean;
}

export const INCLUDE_KEY = '$include';
export const NOTHING_MORE: Include = { classes: false, top: false };

/** @throws AppError invalid_value for anything but `classes` and `top`, comma-separated or repeated. */
export function decodeInclude(search: string): Include {
  // Most requests ask for nothing, and this is the hot path.
  if (!search.includes('include')) return NOTHING_MORE;
  const wanted = new URLSearchParams(search).getAll(INCLUDE_KEY).flatMap((value) => value.split(','));
  const unknown = wanted.find((value) => value !== 'classes' && value !== 'top');
  if (unknown !== undefined)
    throw new AppError('invalid_value', '$include takes classes, top or both: $include=classes,top.');
  return { classes: wanted.includes('classes'), top: wanted.includes('top') };
}
