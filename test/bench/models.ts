// Models of a size that the corpus has not, made of random numbers that are the same in each run.
import type { Manifest } from '../../worker/pipeline/manifest.ts';
import { buildModel, ML, type NodeSpec, type Weight } from '../support/onnx-builder.ts';
import { createRandom } from '../support/random.ts';

export interface Made {
  readonly model: Uint8Array;
  readonly manifest: Manifest;
  /** Rows of values to two decimals, as tables have them. */
  readonly samples: readonly Readonly<Record<string, number>>[];
}

const CLASSES = ['no', 'yes'];

/** A random forest of full trees, as scikit-learn's are written by skl2onnx. */
export function buildForest(trees: number, depth: number, columns: number): Made {
  const random = createRandom(1);
  const inner = 2 ** depth - 1;
  const nodes = inner * 2 + 1;
  const each = Array.from({ length: trees * nodes }, (_, i) => ({ tree: Math.floor(i / nodes), node: i % nodes }));
  const isLeaf = ({ node }: { node: number }): boolean => node >= inner;
  const leaves = each.filter(isLeaf);
  const shares = leaves.map(() => random() / trees);
  const forest: NodeSpec = {
    op: 'TreeEnsembleClassifier',
    domain: ML,
    inputs: ['X'],
    outputs: ['label', 'probabilities'],
    attributes: {
      classlabels_strings: CLASSES,
      nodes_treeids: each.map(({ tree }) => tree),
      nodes_nodeids: each.map(({ node }) => node),
      nodes_featureids: each.map((at) => (isLeaf(at) ? 0 : Math.floor(random() * columns))),
      nodes_values: { floats: each.map((at) => (isLeaf(at) ? 0 : random())) },
      nodes_modes: each.map((at) => (isLeaf(at) ? 'LEAF' : 'BRANCH_LEQ')),
      nodes_truenodeids: each.map((at) => (isLeaf(at) ? 0 : at.node * 2 + 1)),
      nodes_falsenodeids: each.map((at) => (isLeaf(at) ? 0 : at.node * 2 + 2)),
      nodes_hitrates: { floats: each.map(() => 1) },
      nodes_missing_value_tracks_true: each.map(() => 0),
      class_treeids: leaves.flatMap(({ tree }) => [tree, tree]),
      class_nodeids: leaves.flatMap(({ node }) => [node, node]),
      class_ids: leaves.flatMap(() => [0, 1]),
      class_weights: { floats: shares.flatMap((share) => [share, 1 / trees - share]) },
      post_transform: 'NONE',
    },
  };
  const model = buildModel({
    nodes: [forest],
    inputs: [{ name: 'X', dtype: 'float32', shape: [null, columns] }],
    outputs: [
      { name: 'label', dtype: 'string', shape: [null] },
      { name: 'probabilities', dtype: 'float32', shape: [null, 2] },
    ],
  });
  return { model, ...describe(columns, 'X', 'probabilities', 'none', CLASSES, random) };
}

/** A network of dense layers, as torch writes them. @param sizes of the input, the layers between and the classes. */
export function buildNetwork(sizes: readonly number[]): Made {
  const random = createRandom(2);
  const nodes: NodeSpec[] = [];
  const weights: Record<string, Weight> = {};
  let last = 'x';
  for (const [i, size] of sizes.slice(1).entries()) {
    const inputs = sizes[i] ?? 1;
    const values = (count: number): number[] =>
      Array.from({ length: count }, () => (random() - 0.5) / Math.sqrt(inputs));
    weights[`w${i}`] = { dims: [size, inputs], values: values(size * inputs) };
    weights[`b${i}`] = { dims: [size], values: values(size) };
    nodes.push({ op: 'Gemm', inputs: [last, `w${i}`, `b${i}`], outputs: [`h${i}`], attributes: { transB: 1 } });
    last = `h${i}`;
    if (i + 2 === sizes.length) continue;
    nodes.push({ op: 'Relu', inputs: [last], outputs: [`r${i}`] });
    last = `r${i}`;
  }
  const [columns = 1] = sizes;
  const classes = Array.from({ length: sizes.at(-1) ?? 2 }, (_, i) => String(i));
  const model = buildModel({
    nodes,
    weights,
    inputs: [{ name: 'x', dtype: 'float32', shape: [null, columns] }],
    outputs: [{ name: last, dtype: 'float32', shape: [null, classes.length] }],
  });
  return { model, ...describe(columns, 'x', last, 'softmax', classes, random) };
}

function describe(
  columns: number,
  input: string,
  output: string,
  activation: 'none' | 'softmax',
  classes: string[],
  random: () => number,
): Omit<Made, 'model'> {
  const names = Array.from({ length: columns }, (_, i) => `column_${i + 1}`);
  const manifest: Manifest = {
    manifest_version: 1,
    task: 'classification',
    classes,
    features: names.map((name) => ({ name, type: 'number' })),
    inputs: [{ name: input, dtype: 'float32', shape: [null, columns], features: names }],
    output: { probability: { tensors: [output], form: 'vector', activation } },
    batch: 'dynamic',
  };
  const samples = Array.from({ length: 500 }, () =>
    Object.fromEntries(names.map((name) => [name, Math.round(random() * 100) / 100])),
  );
  return { manifest, samples };
}
