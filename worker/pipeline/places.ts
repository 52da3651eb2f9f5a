// How many elements of a tensor one value of a feature fills.
import type { Feature, Preprocess } from './manifest.ts';

export function countPlaces({ length, preprocess }: Pick<Feature, 'length' | 'preprocess'>): number {
  return preprocess === undefined ? (length ?? 1) : countPixels(preprocess) * countChannels(preprocess);
}

export function countChannels({ color }: Pick<Preprocess, 'color'>): number {
  return color === 'L' ? 1 : 3;
}

function countPixels({ size: [width, height] }: Preprocess): number {
  return width * height;
}
