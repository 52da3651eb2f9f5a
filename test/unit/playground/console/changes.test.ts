// An amendment holds what was changed and nothing else, and the Worker takes it.
import { describe, expect, it } from 'vitest';
import { toChanges } from '../../../../playground/src/console/review/changes.ts';
import { type ImageDraft, type ManifestDraft, toDraft } from '../../../../playground/src/console/review/draft.ts';
import { patchSchema } from '../../../../worker/contract.ts';
import { mergeManifest, parseOverrides } from '../../../../worker/onnx/overrides.ts';
import type { Manifest } from '../../../../worker/pipeline/manifest.ts';

const LABEL = { tensor: 'label', holds: 'class' as const };
const PROBABILITY = { tensors: ['p'], form: 'vector' as const, activation: 'none' as const };

const flowers: Manifest = {
  manifest_version: 1,
  task: 'classification',
  label: 'species',
  classes: ['setosa', 'versicolor', 'virginica'],
  features: [
    { name: 'length', type: 'number', range: { min: 1, max: 7 }, example: 5.1, unit: 'cm' },
    { name: 'count', type: 'integer', example: 3 },
    {
      name: 'plan',
      type: 'string',
      encoding: [
        ['basic', 0],
        ['premium', 1],
      ],
      example: 'basic',
    },
    { name: 'wet', type: 'boolean' },
    { name: 'window', type: 'number', length: 3, example: [1, 2, 3] },
  ],
  inputs: [{ name: 'X', dtype: 'float32', shape: [null, 7], features: ['length', 'count', 'plan', 'wet', 'window'] }],
  output: { label: LABEL, probability: PROBABILITY },
  batch: 'dynamic',
};

const picture: Manifest = {
  manifest_version: 1,
  task: 'classification',
  classes: ['a', 'b'],
  features: [
    {
      name: 'image',
      type: 'image',
      preprocess: {
        size: [8, 8],
        resize: 'stretch',
        filter: 'bilinear',
        color: 'RGB',
        layout: 'NCHW',
        scale: 1 / 255,
        offset: 0,
      },
    },
  ],
  inputs: [{ name: 'X', dtype: 'float32', shape: [null, 3, 8, 8], features: ['image'] }],
  output: { probability: { ...PROBABILITY, activation: 'softmax' } },
  batch: 'dynamic',
};

const rent: Manifest = {
  ...flowers,
  task: 'regression',
  label: 'rent',
  output: { value: { tensors: ['y'] } },
};
delete rent.classes;

/** What the Worker makes of the changes. */
function amend(manifest: Manifest, change: Partial<ManifestDraft>): { overrides: object; merged: Manifest } {
  const { overrides, faults } = toChanges(manifest, { ...toDraft(manifest), ...change });
  expect([...faults]).toEqual([]);
  const taken = patchSchema.parse({ manifest: overrides }).manifest;
  return { overrides, merged: mergeManifest(manifest, parseOverrides(taken)) };
}

function getImage(manifest: Manifest): ImageDraft {
  const image = toDraft(manifest).features[0]?.image;
  if (image == null) throw new Error('The first feature is no image.');
  return image;
}

function withFeature(manifest: Manifest, at: number, change: Partial<ManifestDraft['features'][number]>) {
  return { features: toDraft(manifest).features.map((each, i) => (i === at ? { ...each, ...change } : each)) };
}

it.each([flowers, picture, rent])('says nothing where nothing was changed', (manifest) => {
  const { overrides, faults } = toChanges(manifest, toDraft(manifest));
  expect(overrides).toEqual({});
  expect(faults.size).toBe(0);
});

describe('of the model', () => {
  it('label, task and unit', () => {
    const { overrides, merged } = amend(rent, { task: 'forecasting', label: ['a', 'b'], unit: ' EUR ' });
    expect(overrides).toEqual({ task: 'forecasting', label: ['a', 'b'], unit: 'EUR' });
    expect(merged).toEqual({ ...rent, task: 'forecasting', label: ['a', 'b'], unit: 'EUR' });
    expect(amend(rent, { label: ['one'] }).overrides).toEqual({ label: 'one' });
    expect(amend(rent, { label: [] }).merged.label).toEqual([]);
  });
});

describe('of features', () => {
  it('only what was changed, by name', () => {
    const { overrides, merged } = amend(
      flowers,
      withFeature(flowers, 1, { unit: 'pcs', default: '4', optional: true }),
    );
    expect(overrides).toEqual({ features: [{ name: 'count', unit: 'pcs', optional: true, default: 4 }] });
    expect(merged.features[1]).toEqual({ ...flowers.features[1], unit: 'pcs', optional: true, default: 4 });
    expect(merged.features[0]).toEqual(flowers.features[0]);
  });

  it('values have the type of their feature', () => {
    const to = (at: number, text: string) =>
      amend(flowers, withFeature(flowers, at, { default: text })).merged.features[at];
    expect(to(0, '1e1')?.default).toBe(10);
    expect(to(2, 'premium')?.default).toBe('premium');
    expect(to(3, 'false')?.default).toBe(false);
    expect(to(4, '4, 5;6')?.default).toEqual([4, 5, 6]);
    expect(amend(flowers, withFeature(flowers, 0, { example: '' })).merged.features[0]?.example).toBeNull();
  });

  it.each([
    [0, '1,5'],
    [0, '0x10'],
    [0, 'Infinity'],
    [1, '1.5'],
    [2, 'gold'],
    [3, 'yes'],
    [4, '1, 2'],
    [4, '1, 2, x'],
  ])('what is none is a fault at its field: feature %i, %j', (at, text) => {
    const { overrides, faults } = toChanges(flowers, {
      ...toDraft(flowers),
      ...withFeature(flowers, at, { default: text }),
    });
    expect([...faults.keys()]).toEqual([`features.${flowers.features[at]?.name}.default`]);
    expect(overrides).toEqual({});
  });

  it('a default that was stated cannot be taken away, and says so', () => {
    const stated: Manifest = {
      ...flowers,
      features: flowers.features.map((each, i) => (i === 1 ? { ...each, default: 1 } : each)),
    };
    const { faults } = toChanges(stated, { ...toDraft(stated), ...withFeature(stated, 1, { default: '' }) });
    expect([...faults.keys()]).toEqual(['features.count.default']);
  });
});

describe('of an image', () => {
  const image = getImage(picture);

  it('by the names of the usual scales, and numbers per channel', () => {
    const change = withFeature(picture, 0, {
      image: { ...image, scale: '-1..1', mean: '0.485, 0.456, 0.406', color: 'BGR', resize: 'crop', filter: 'lanczos' },
    });
    const { merged } = amend(picture, change);
    expect(merged.features[0]?.preprocess).toEqual({
      ...picture.features[0]?.preprocess,
      scale: 2 / 255,
      offset: -1,
      mean: [0.485, 0.456, 0.406],
      color: 'BGR',
      resize: 'crop',
      filter: 'lanczos',
    });
    expect(getImage(merged).scale).toBe('-1..1');
  });

  it('a list that is emptied is one that changes no value', () => {
    const { merged } = amend(picture, withFeature(picture, 0, { image: { ...image, mean: '1 2 3', std: '4 5 6' } }));
    const again = amend(merged, withFeature(merged, 0, { image: { ...getImage(merged), mean: '', std: '' } }));
    expect(again.merged.features[0]?.preprocess).toMatchObject({ mean: [0, 0, 0], std: [1, 1, 1] });
  });

  it('of another number of channels, or divided by 0, is a fault', () => {
    const change = withFeature(picture, 0, { image: { ...image, mean: '1', std: '1, 0, 1' } });
    const { faults } = toChanges(picture, { ...toDraft(picture), ...change });
    expect([...faults.keys()]).toEqual(['features.image.mean', 'features.image.std']);
  });
});

describe('of classes', () => {
  const named = (...texts: string[]) => texts.map((text, origin) => ({ text, origin }));
  const numbers: Manifest = { ...flowers, classes: [0, 1, 2] };

  it('another order is an order', () => {
    const { overrides } = amend(flowers, { classes: named('virginica', 'setosa', 'versicolor') });
    expect(overrides).toEqual({ classes: ['virginica', 'setosa', 'versicolor'] });
    expect(amend(numbers, { classes: named('2', '1', '0') }).overrides).toEqual({ classes: [2, 1, 0] });
  });

  it('a model that answers positions can have its classes named', () => {
    const { merged } = amend(numbers, { classes: named('no', 'perhaps', 'yes') });
    expect(merged.classes).toEqual(['no', 'perhaps', 'yes']);
    expect(merged.output).toEqual({ label: { tensor: 'label', holds: 'index' }, probability: PROBABILITY });
    expect(amend(numbers, { classes: named('10', '20', '30') }).merged.classes).toEqual([10, 20, 30]);
  });

  it('a model that answers names is read from its probabilities instead', () => {
    const { merged } = amend(flowers, { classes: named('a', 'versicolor', 'virginica') });
    expect(merged.output).toEqual({ probability: PROBABILITY });
  });

  it('a name that cannot be answered is a fault, and so are two alike and none', () => {
    const bare: Manifest = { ...flowers, output: { label: LABEL } };
    for (const [manifest, texts] of [
      [bare, ['a', 'b', 'c']],
      [flowers, ['a', 'a', 'c']],
      [flowers, ['a', ' ', 'c']],
    ] as const) {
      const { faults } = toChanges(manifest, { ...toDraft(manifest), classes: named(...texts) });
      expect([...faults.keys()]).toEqual(['classes']);
    }
  });
});
