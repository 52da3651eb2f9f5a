// Graphs of some hundred bytes that ran for minutes, for ever, or took gigabytes, each found by trying: refused before
// anything is loaded.
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { importModel } from '../../../worker/onnx/import.ts';
import { mergeManifest, parseOverrides } from '../../../worker/onnx/overrides.ts';
import type { Feature } from '../../../worker/pipeline/manifest.ts';
import { createFeedPlan } from '../../../worker/pipeline/tensor.ts';
import {
  type AttributeValue,
  buildModel,
  ML,
  type ModelSpec,
  type NodeSpec,
  type Weight,
} from '../../support/onnx-builder.ts';

const MICROSOFT = 'com.microsoft';
const int = (...values: number[]): Weight => ({ dtype: 'int64', dims: [values.length], values });
const node = (op: string, inputs: string[], outputs: string[], attributes = {}, domain = ''): NodeSpec => ({
  op,
  inputs,
  outputs,
  attributes,
  ...(domain === '' ? {} : { domain }),
});

function build(nodes: readonly NodeSpec[], weights: Record<string, Weight> = {}, more: Partial<ModelSpec> = {}) {
  return buildModel({
    inputs: [{ name: 'x', dtype: 'float32', shape: [null, 4] }],
    outputs: [{ name: 'y', dtype: 'float32' }],
    nodes,
    weights,
    opsets: { '': 17, [ML]: 3, [MICROSOFT]: 1 },
    ...more,
  });
}

const importAs = (model: Uint8Array) => importModel(model, { overrides: { task: 'regression' } });
/** Zeros of a shape, and a number made of what becomes of them. */
const made = (shape: readonly number[], nodes: readonly NodeSpec[], weights: Record<string, Weight> = {}) =>
  build(
    [
      node('ConstantOfShape', ['shape'], ['a']),
      ...nodes,
      node('ReduceSum', ['q'], ['s'], { keepdims: 0 }),
      node('Add', ['x', 's'], ['y']),
    ],
    { shape: int(...shape), ...weights },
  );

describe('operators that cost more than they show', () => {
  it.each<[string, Uint8Array]>([
    ['NonMaxSuppression', made([1, 150_000, 4], [node('NonMaxSuppression', ['a', 'a'], ['q'])])],
    ['RoiAlign', made([1, 1, 2, 2], [node('RoiAlign', ['a', 'a', 'a'], ['q'], { output_height: 20_000 })])],
    ['MaxRoiPool', made([1, 1, 2, 2], [node('MaxRoiPool', ['a', 'a'], ['q'], { pooled_shape: [20_000, 20_000] })])],
    ['GridSample', made([1, 10_000, 2, 2], [node('GridSample', ['a', 'a'], ['q'])])],
    ['Multinomial', build([node('Multinomial', ['x'], ['y'], { sample_size: 150_000_000 })])],
    ['Det', made([3500, 3500], [node('Det', ['a'], ['q'])])],
    ['DFT', made([1, 1_000_003, 1], [node('DFT', ['a'], ['q'])])],
    ['MaxUnpool', made([1, 1, 1, 1], [node('MaxUnpool', ['a', 'a'], ['q'], { kernel_shape: [30_000, 30_000] })])],
    ['CDist', made([20_000, 1], [node('CDist', ['a', 'a'], ['q'], {}, MICROSOFT)])],
    ['Inverse', made([3000, 3000], [node('Inverse', ['a'], ['q'], {}, MICROSOFT)])],
    ['QLinearAdd', made([60_000, 1], [node('QLinearAdd', ['a', 'a'], ['q'], {}, MICROSOFT)])],
    ['MultiHeadAttention', made([1, 15_000, 8], [node('MultiHeadAttention', ['a', 'a', 'a'], ['q'], {}, MICROSOFT)])],
    ['one that is not known yet', made([1], [node('InventedTomorrow', ['a'], ['q'])])],
  ])('%s', (_, model) => {
    expect(() => importAs(model)).toThrow(/^too_complex: what the operator ".*" costs cannot be bounded/);
  });

  it.each<[string, Uint8Array]>([
    ['Unique, which sorts', made([15_000_000], [node('Unique', ['a'], ['q'])])],
    [
      'a cubic Resize',
      made([1, 1, 1000, 1000], [node('Resize', ['a', '', 'scales'], ['q'], { mode: 'cubic' })], {
        scales: { dims: [4], values: [1, 1, 3.9, 3.9] },
      }),
    ],
    [
      'a product whose second factor comes fourth',
      made([3000, 3000], [node('QLinearMatMul', ['a', 'one', 'one', 'a', 'one', 'one', 'one', 'one'], ['q'])], {
        one: { dims: [], values: [1] },
      }),
    ],
    [
      'n-grams with four billion gaps',
      build([
        node('Cast', ['x'], ['c'], { to: 7 }),
        node('TfIdfVectorizer', ['c'], ['y'], {
          mode: 'TF',
          min_gram_length: 2,
          max_gram_length: 2,
          max_skip_count: 4_000_000_000,
          ngram_counts: [0, 0],
          ngram_indexes: [0],
          pool_int64s: [1, 2],
        }),
      ]),
    ],
  ])('%s', (_, model) => {
    expect(() => importAs(model)).toThrow(/^too_complex: one run would cost more/);
  });

  it('many sparse weights that are one number each in the file', () => {
    const field = (w: BinaryWriter, number: number, bytes: Uint8Array) =>
      w.tag(number, WireType.LengthDelimited).bytes(bytes);
    const message = (write: (w: BinaryWriter) => void): Uint8Array => {
      const w = new BinaryWriter();
      write(w);
      return w.finish();
    };
    const sparse = (name: string) =>
      message((w) => {
        const values = message((t) => {
          t.tag(1, WireType.Varint).int64(1).tag(2, WireType.Varint).int32(1);
          field(t.tag(8, WireType.LengthDelimited).string(name), 9, new Uint8Array(4));
        });
        field(w, 1, values).tag(3, WireType.Varint).int64(16_000_000);
      });
    const graph = message((g) => {
      for (let i = 0; i < 100; i += 1) field(g, 15, sparse(`s${i}`));
    });
    // A second graph field is merged into the first.
    const more = message((w) => field(w, 7, graph));
    const harmless = build([node('Neg', ['x'], ['y'])]);
    expect(() => importAs(new Uint8Array([...harmless, ...more]))).toThrow(/^too_large: /);
  });
});

it('inputs of more values than anybody names', () => {
  for (const width of [10_001, 1e6, 2 ** 31, 2 ** 40]) {
    const inputs = [{ name: 'x', dtype: 'float32', shape: [1, width] }] as const;
    const model = build([node('Shape', ['x'], ['n']), node('Cast', ['n'], ['y'], { to: 1 })], {}, { inputs });
    expect(() => importAs(model)).toThrow(/^too_complex: the model takes \d+ values a row/);
  }
});

it('vectors of a billion values, in ten bytes of a manifest', () => {
  const { manifest } = importAs(build([node('Neg', ['x'], ['y'])]));
  const [first] = manifest.features;
  const name = first?.name ?? '';
  for (const length of [1e5 + 1, 1e9, 2 ** 31]) {
    const overrides = { features: [{ name, length, default: 0 }] };
    expect(() => parseOverrides(overrides)).toThrow(/^manifest_invalid: "features.0.length"/);
    expect(() => mergeManifest(manifest, overrides)).toThrow(/^manifest_invalid: /);
  }
  // As many as may be, of each: what they would be is not made before it is known to fit.
  const long = manifest.features.map((feature) => ({ ...feature, length: 1e5, default: 0 }));
  expect(() => mergeManifest(manifest, { features: long })).toThrow(/^manifest_invalid: .*cannot hold 400000 values/);
  const open = { ...manifest, inputs: [{ ...manifest.inputs[0], shape: [null, null] }] } as typeof manifest;
  const many = Array.from({ length: 50 }, (_, i) => ({ ...first, name: `f${i}`, length: 1e5, default: 0 }) as Feature);
  const inputs = open.inputs.map((input) => ({ ...input, features: many.map((feature) => feature.name) }));
  expect(() => createFeedPlan({ ...open, features: many, inputs })).toThrow(/would take 5000000 values a row/);
});

/** The children of each node, by its number: the true one, then the false one; none for a leaf. */
function forest(children: readonly (readonly [number, number] | null)[]): Uint8Array {
  const each = <T>(value: (node: readonly [number, number] | null, i: number) => T) => children.map(value);
  return build([
    node(
      'TreeEnsembleRegressor',
      ['x'],
      ['y'],
      {
        n_targets: 1,
        nodes_treeids: each(() => 0),
        nodes_nodeids: each((_, i) => i),
        nodes_featureids: each(() => 0),
        nodes_values: { floats: each(() => 1) },
        nodes_modes: each((node) => (node === null ? 'LEAF' : 'BRANCH_LEQ')),
        nodes_truenodeids: each((node) => node?.[0] ?? 0),
        nodes_falsenodeids: each((node) => node?.[1] ?? 0),
        target_ids: [0],
        target_nodeids: [children.indexOf(null)],
        target_treeids: [0],
        target_weights: { floats: [1] },
      } satisfies Record<string, AttributeValue>,
      ML,
    ),
  ]);
}

describe('trees', () => {
  it('that end are taken', () => {
    expect(importAs(forest([[1, 2], null, null])).manifest.task).toBe('regression');
    const chain = Array.from({ length: 6000 }, (_, i): [number, number] | null =>
      i % 2 === 0 ? [i + 1, i + 2] : null,
    );
    expect(importAs(forest([...chain, null])).manifest.task).toBe('regression');
  });

  it.each([
    ['to the root', [[4, 1], [0, 2], null, null, null]],
    ['to the node before', [[4, 1], [3, 2], [1, 3], null, null]],
    ['from another branch', [[4, 1], [4, 2], [1, 3], null, null]],
    ['far beyond what is looked at otherwise', toLongCircle()],
  ] as [string, ([number, number] | null)[]][])('that run in a circle are refused: %s', (_, children) => {
    expect(() => importAs(forest(children))).toThrow(/^invalid_graph: a tree of the model runs in a circle/);
  });
});

function toLongCircle(): ([number, number] | null)[] {
  const chain = Array.from({ length: 6000 }, (_, i): [number, number] | null => (i % 2 === 0 ? [i + 1, i + 2] : null));
  return [...chain, [5000, 6001], null];
}
