// Manifests of every kind of feature and element type, for decoders to be tried with.
import fc from 'fast-check';
import { DTYPES, type Dtype, type Feature, type Manifest, type Scalar } from '../../worker/pipeline/manifest.ts';
import { createFeedPlan, type FeedPlan } from '../../worker/pipeline/tensor.ts';

/** Names that are prefixes of each other, that objects have by themselves, or that need escapes. */
export const NAMES = [
  'a',
  'ab',
  'A',
  'a b',
  '__proto__',
  'constructor',
  'toString',
  'é',
  'a,b',
  'a"b',
  'x\ty',
  '$a',
  '1',
  'a=b',
];

const FITTING: Readonly<Record<Feature['type'], readonly Dtype[]>> = {
  number: ['float32', 'float32', 'float64', 'float16'],
  integer: DTYPES.filter((dtype) => dtype !== 'string' && dtype !== 'bool'),
  boolean: ['bool', 'float32', 'int64', 'uint8'],
  string: ['string'],
  image: [],
};

const SCALARS: Readonly<Record<string, readonly Scalar[]>> = {
  number: [0, 1, 2, 100],
  integer: [0, 1, 2, 100],
  boolean: [true, false],
  string: ['x', '', 'none', '1'],
};

const kind = fc.constantFrom<Feature['type']>('number', 'number', 'number', 'integer', 'boolean', 'string');

const feature = kind.chain((type) => {
  const values = SCALARS[type] ?? [];
  return fc.record({
    type: fc.constant(type),
    dtype: fc.constantFrom(...(FITTING[type] ?? [])),
    length: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 4 }),
    optional: fc.option(fc.boolean(), { nil: undefined, freq: 2 }),
    default: fc.option(fc.constantFrom(...values), { nil: undefined, freq: 5 }),
    closed: fc.option(fc.constant(true), { nil: undefined, freq: 8 }),
    coded: fc.option(fc.constant(true), { nil: undefined, freq: 8 }),
  });
});

/** @returns a manifest, with one input for each element type in turn or one for each feature. */
export const manifests: fc.Arbitrary<Manifest> = fc
  .record({
    names: fc.oneof<fc.MaybeWeightedArbitrary<string[]>[]>(
      {
        weight: 3,
        arbitrary: fc.uniqueArray(fc.constantFrom('a', 'ab', 'A', 'b', 'c', '1'), { minLength: 1, maxLength: 6 }),
      },
      { weight: 1, arbitrary: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 6 }) },
    ),
    features: fc.array(feature, { minLength: 6, maxLength: 6 }),
    shared: fc.boolean(),
    label: fc.option(fc.constantFrom('label', 'y z'), { nil: undefined }),
  })
  .map(({ names, features, shared, label }) => {
    const used = names.flatMap((name, i) => {
      const each = features[i];
      return each === undefined ? [] : [{ name, ...each }];
    });
    const groups = new Map<string, typeof used>();
    for (const each of used) {
      const key = shared ? each.dtype : each.name;
      groups.set(key, [...(groups.get(key) ?? []), each]);
    }
    return {
      manifest_version: 1,
      task: 'regression',
      ...(label === undefined ? {} : { label }),
      features: used.map(toFeature),
      inputs: [...groups.values()].map((group, i) => ({
        name: `input ${i}`,
        dtype: group[0]?.dtype ?? 'float32',
        shape: [null, null],
        features: group.map(({ name }) => name),
      })),
      output: { value: { tensors: ['y'] } },
      batch: 'dynamic',
    };
  });

function toFeature({
  name,
  type,
  length,
  optional,
  default: spare,
  closed,
  coded,
}: {
  name: string;
  type: Feature['type'];
  length: number | undefined;
  optional: boolean | undefined;
  default: Scalar | undefined;
  closed: boolean | undefined;
  coded: boolean | undefined;
}): Feature {
  const values = [...(SCALARS[type] ?? [])];
  return {
    name,
    type,
    ...(length === undefined ? {} : { length }),
    ...(optional === undefined ? {} : { optional }),
    ...(spare === undefined ? {} : { default: spare }),
    ...(closed === true ? { values, closed } : {}),
    ...(coded === true && type !== 'string' ? { encoding: values.map((value, i) => [value, i]) } : {}),
  };
}

export const toPlan = (manifest: Manifest): FeedPlan => createFeedPlan(manifest);
