// An example of a request that the pipeline answers: shown where input is missing, in the schema and in OpenAPI.
import type { Feature, Manifest, Scalar } from './manifest.ts';

/** One value per feature, taken from the training data where the manifest has it. */
export function toExampleRow(manifest: Manifest): [name: string, value: Scalar | Scalar[]][] {
  return manifest.features.flatMap((feature) => {
    const value = toExampleValue(feature);
    return value === undefined ? [] : [[feature.name, value] as [string, Scalar | Scalar[]]];
  });
}

/** As a query string without the question mark; a vector feature repeats its key. */
export function toExampleQuery(manifest: Manifest): string {
  return toExampleRow(manifest)
    .flatMap(([name, value]) =>
      [value].flat().map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(String(one))}`),
    )
    .join('&');
}

/** @returns undefined where an optional feature was missing in the example row too. */
function toExampleValue(feature: Feature): Scalar | Scalar[] | undefined {
  if (feature.example !== undefined && feature.example !== null) return feature.example;
  if (feature.example === null && feature.optional === true) return undefined;
  if (feature.default !== undefined) return feature.default;
  const one = feature.encoding?.[0]?.[0] ?? feature.values?.[0] ?? feature.range?.min ?? PLAIN_EXAMPLE[feature.type];
  return feature.length === undefined ? one : new Array<Scalar>(feature.length).fill(one);
}

/** A PNG of 8 by 8 pixels, a slope of grey: short enough to be sent in a query string. */
export const EXAMPLE_IMAGE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAAKklEQVR42mNgEFAwcAhIKIDRDQxQegIDlF7AAKU3MEDpAwxQ+gIDlH4AAB51HAGfRI9tAAAAAElFTkSuQmCC';

const PLAIN_EXAMPLE: Record<Feature['type'], Scalar> = {
  number: 1,
  integer: 1,
  boolean: true,
  string: 'text',
  image: EXAMPLE_IMAGE,
};
