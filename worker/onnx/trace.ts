// Where an output comes from: the node that makes its numbers, and the classes that nodes on the way name.
import type { Scalar } from '../pipeline/manifest.ts';
import type { Graph, GraphNode, GraphTensor } from './graph.ts';

/** What the node that makes a tensor says about its numbers. */
export type Making = 'probability' | 'log_probability' | 'sigmoid' | 'raw' | 'unknown';

/** Operators that hand numbers on as they are. */
const PASSING = new Set([
  'Identity',
  'Cast',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Flatten',
  'Transpose',
  'ZipMap',
  'Slice',
  'Gather',
]);
/** Operators whose output counts positions. */
export const INDEXERS: ReadonlySet<string> = new Set(['ArgMax', 'TopK']);
const MAX_STEPS = 32;
/** Nodes visited when looking for class labels. */
const MAX_VISITED = 2000;

export class Tracer {
  readonly #writers: ReadonlyMap<string, GraphNode>;
  readonly #graph: Graph;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#writers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  }

  /** The node that makes the numbers of a tensor, behind reshapes and casts. */
  findMaker(tensor: string): GraphNode | null {
    let name = tensor;
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const node = this.#writers.get(name);
      if (node === undefined) return null;
      if (!PASSING.has(node.op)) return node;
      name = node.inputs[0] ?? '';
    }
    return null;
  }

  getMaking(tensor: string): Making {
    const node = this.findMaker(tensor);
    switch (node?.op) {
      case 'Softmax':
        return 'probability';
      case 'LogSoftmax':
        return 'log_probability';
      case 'Sigmoid':
        return 'sigmoid';
      case 'Normalizer':
        return node.attributes.get('norm')?.s === 'L1' ? 'probability' : 'unknown';
      case 'LinearClassifier':
        return getTransform(node) === 'NONE' ? 'raw' : 'probability';
      case 'SVMClassifier':
        return (node.attributes.get('prob_a')?.floats.count ?? 0) > 0 ? 'probability' : 'raw';
      case 'TreeEnsembleClassifier':
        return getTransform(node) === 'NONE' ? 'unknown' : 'probability';
      case 'Gemm':
      case 'MatMul':
      case 'LinearRegressor':
        return 'raw';
      case 'Add':
        return node.inputs.some((name) => this.#isProduct(name)) ? 'raw' : 'unknown';
      default:
        return 'unknown';
    }
  }

  /** A product with weights, perhaps scaled back from integers. */
  #isProduct(name: string): boolean {
    let at = name;
    for (let step = 0; step < 4; step += 1) {
      const node = this.#writers.get(at);
      if (node === undefined) return false;
      if (/^(?:QLinear|Fused)?MatMul|^Gemm$/.test(node.op)) return true;
      if (node.op !== 'Mul' && node.op !== 'Cast' && node.op !== 'Identity') return false;
      at = node.inputs[0] ?? '';
    }
    return false;
  }

  /** Whether a tensor is made by an operator of one of these kinds, a few steps away. */
  comesFrom(tensor: string, ops: ReadonlySet<string>): boolean {
    for (const node of this.#walk(tensor)) if (ops.has(node.op)) return true;
    return false;
  }

  /** The class labels named nearest to a tensor, in the order the graph counts them. */
  findClasses(tensor: string): Scalar[] | null {
    for (const node of this.#walk(tensor)) {
      const found = getClassLabels(node) ?? this.#findLookup(node);
      if (found !== null) return found;
    }
    return null;
  }

  /** ArrayFeatureExtractor or Gather of an index over a list of classes. */
  #findLookup(node: GraphNode): Scalar[] | null {
    if (node.op !== 'ArrayFeatureExtractor' && node.op !== 'Gather') return null;
    const list = this.#findConstant(node.inputs[0] ?? '');
    if (list === null || list.dims.length > 2) return null;
    if (list.strings.count > 1) return [...list.strings.head];
    const numbers = readIntegers(list);
    return numbers !== null && numbers.length > 1 && new Set(numbers).size === numbers.length ? numbers : null;
  }

  #findConstant(name: string): GraphTensor | null {
    let at = name;
    for (let step = 0; step < 4; step += 1) {
      const tensor = this.#graph.initializers.get(at);
      if (tensor !== undefined) return tensor;
      const node = this.#writers.get(at);
      if (node?.op === 'Constant') return node.attributes.get('value')?.tensors[0] ?? null;
      if (node === undefined || !PASSING.has(node.op)) return null;
      at = node.inputs[0] ?? '';
    }
    return null;
  }

  /** Nodes behind a tensor, nearest first. */
  *#walk(tensor: string): Generator<GraphNode> {
    const seen = new Set<GraphNode>();
    let names: readonly string[] = [tensor];
    while (names.length > 0 && seen.size < MAX_VISITED) {
      const next: string[] = [];
      for (const name of names) {
        const node = this.#writers.get(name);
        if (node === undefined || seen.has(node)) continue;
        seen.add(node);
        yield node;
        next.push(...node.inputs);
      }
      names = next;
    }
  }
}

function getTransform(node: GraphNode): string {
  return node.attributes.get('post_transform')?.s || 'NONE';
}

function getClassLabels(node: GraphNode): Scalar[] | null {
  const list = (name: string): readonly Scalar[] => {
    const attribute = node.attributes.get(name);
    if (attribute === undefined) return [];
    return attribute.strings.count > 0 ? attribute.strings.head : attribute.ints.head;
  };
  for (const name of ['classlabels_strings', 'classlabels_int64s', 'classlabels_ints']) {
    const labels = list(name);
    if (labels.length > 1) return [...labels];
  }
  if (node.op !== 'LabelEncoder') return null;
  const keys = list('keys_int64s');
  const values = list('values_strings').length > 0 ? list('values_strings') : list('values_int64s');
  const legacy = list('classes_strings');
  if (legacy.length > 1) return [...legacy];
  if (values.length < 2 || keys.length !== values.length) return null;
  const order = keys.map((key, i) => ({ key: Number(key), value: values[i] })).sort((a, b) => a.key - b.key);
  return order.flatMap(({ value }) => (value === undefined ? [] : [value]));
}

const BOOL = 9;
const INT32 = 6;
const INT64 = 7;

/** The values of a short list of integers, however the exporter stored them. */
function readIntegers(tensor: GraphTensor): Scalar[] | null {
  const { raw, elementType } = tensor;
  if (elementType !== INT32 && elementType !== INT64 && elementType !== BOOL) return null;
  if (raw === null) return elementType === BOOL ? tensor.numbers.head.map(Boolean) : [...tensor.numbers.head];
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const size = elementType === INT64 ? 8 : elementType === INT32 ? 4 : 1;
  const count = Math.min(Math.floor(raw.length / size), 2000);
  return Array.from({ length: count }, (_, i) => {
    if (elementType === INT64) return Number(view.getBigInt64(i * 8, true));
    return elementType === INT32 ? view.getInt32(i * 4, true) : view.getUint8(i) !== 0;
  });
}
