// The hot path: a plain query string of all features, once each, read straight into the tensors of one row. Compiled
// once per pipeline. Whatever is not plain (an escape, an option, something missing or wrong) goes the general way,
// which reads the same values with the same parsers and knows how to say what is wrong.

import { Misfit, type ValueParser } from '../pipeline/feature.ts';
import type { Dtype } from '../pipeline/manifest.ts';
import {
  createData,
  type FeedPlan,
  isMissingText,
  type NamedTensor,
  storeValue,
  type TensorData,
} from '../pipeline/tensor.ts';

/** @returns the tensors of one row, good until the next call; null for the general way. */
export type QueryFeeder = (search: string) => readonly NamedTensor[] | null;

interface Place {
  readonly parse: ValueParser;
  readonly data: TensorData;
  readonly at: number;
  readonly dtype: Dtype;
  readonly optional: boolean;
  /** The call that filled it last. */
  filled: number;
}

/** Features that are vectors or fill several inputs always go the general way. */
export function createQueryFeeder(plan: FeedPlan): QueryFeeder {
  const places = new Map<string, Place>();
  const feeds = plan.inputs.map(({ name, dtype, width, rowDims, slots }): NamedTensor => {
    const data = createData(dtype, width);
    for (const { feature, offset, parse, fallback } of slots) {
      places.set(feature.name, { parse, data, at: offset, dtype, optional: fallback !== undefined, filled: 0 });
    }
    return { name, tensor: { dtype, dims: [1, ...rowDims], data } };
  });
  const slots = plan.inputs.flatMap((input) => input.slots);
  const isPlain = slots.every(({ feature }) => feature.length === undefined) && slots.length === places.size;
  if (!isPlain || places.size !== plan.columns.names.length) return () => null;

  let calls = 0;
  return (search) => {
    if (search.includes('%') || search.includes('+')) return null;
    calls += 1;
    let count = 0;
    for (let at = 0; at < search.length; count += 1) {
      const equals = search.indexOf('=', at);
      const ampersand = search.indexOf('&', at);
      const end = ampersand === -1 ? search.length : ampersand;
      if (equals === -1 || equals + 1 >= end) return null;
      const place = places.get(search.slice(at, equals));
      if (place === undefined || place.filled === calls) return null;
      const text = search.slice(equals + 1, end);
      if (place.optional && isMissingText(text)) return null;
      const value = place.parse(text);
      if (value instanceof Misfit) return null;
      storeValue(place.data, place.at, value, place.dtype);
      place.filled = calls;
      at = end + 1;
    }
    return count === places.size ? feeds : null;
  };
}
