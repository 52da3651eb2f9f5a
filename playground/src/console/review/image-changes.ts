// How pictures are brought to a model, changed.
import type { Feature } from '../../../../worker/contract.ts';
import { type FeatureDraft, type Preprocess, SCALES } from './draft.ts';
import { parseNumbers } from './values.ts';

/** @returns the whole `preprocess`, which the API wants of a feature, or nothing where nothing was changed. */
export function toImageChanges(
  { name, preprocess }: Feature,
  { image: was }: FeatureDraft,
  { image: is }: FeatureDraft,
  fault: (field: string, message: string) => void,
): { preprocess?: Preprocess } {
  if (preprocess === undefined || was === null || is === null) return {};
  const channels = is.color === 'L' ? 1 : 3;
  const numbers = (key: 'mean' | 'std'): Partial<Preprocess> => {
    if (is[key] === was[key]) return {};
    const field = `features.${name}.${key}`;
    const parsed = parseNumbers(is[key], channels);
    if (!parsed.ok) fault(field, parsed.message);
    else if (parsed.value?.includes(0) === true && key === 'std')
      fault(field, 'A deviation of 0 cannot be divided by.');
    // What leaves every value as it is, since a list can be changed and not taken away.
    else return { [key]: parsed.value ?? Array.from({ length: channels }, () => (key === 'mean' ? 0 : 1)) };
    return {};
  };
  const [, scale, offset] = SCALES.find(([each]) => each === is.scale) ?? [
    is.scale,
    preprocess.scale,
    preprocess.offset,
  ];
  const { color, resize, filter } = is;
  const changed: Preprocess = {
    ...preprocess,
    ...(is.scale === was.scale ? {} : { scale, offset }),
    ...numbers('mean'),
    ...numbers('std'),
    color,
    resize,
    filter,
  };
  return JSON.stringify(changed) === JSON.stringify(preprocess) ? {} : { preprocess: changed };
}
