// Refusals that need no arithmetic: what makes a graph impossible to serve, found by reading it once.
import { LIMITS } from '../limits.ts';
import {
  findDtype,
  type Graph,
  type GraphNode,
  type GraphTensor,
  getFedInputs,
  type OnnxModel,
  toOperatorName,
} from './graph.ts';
import { echo, ImportRefusal } from './refusal.ts';
import { checkTrees } from './trees.ts';

/** Newest versions that ONNX Runtime 1.30 loads. */
const MAX_OPSET = 26;
const MAX_ML_OPSET = 5;
const MAX_IR_VERSION = 13;
/** Domains whose operators ONNX Runtime's web build brings. */
const DOMAINS = new Set(['', 'ai.onnx.ml', 'com.microsoft', 'com.ms.internal.nhwc', 'com.microsoft.nchwc']);
const MAX_RANK = 32;

/** Bytes per element by ONNX element type; 0: not stored in raw_data (strings), or packed below a byte. */
const ELEMENT_BYTES = [0, 4, 1, 1, 2, 2, 4, 8, 0, 1, 2, 8, 4, 8, 8, 16, 2, 1, 1, 1, 1, 0, 0, 0];

/** @throws ImportRefusal */
export function checkModel(model: OnnxModel): void {
  checkVersions(model);
  checkOperators(model);
  checkGraph(model.graph, []);
  for (const fn of model.functions) {
    checkNodes({ nodes: fn.nodes, initializers: new Map(), sparseInitializers: [], inputs: [], outputs: [] }, [
      new Set(fn.inputs),
    ]);
  }
  checkInterface(model.graph);
}

function checkVersions({ irVersion, opsets }: OnnxModel): void {
  if (irVersion > MAX_IR_VERSION) {
    throw new ImportRefusal(
      'unsupported_opset',
      `the file says ONNX IR version ${irVersion}, at most ${MAX_IR_VERSION} can be served. Export with an older onnx package or a lower target opset.`,
    );
  }
  for (const [domain, max] of [
    ['', MAX_OPSET],
    ['ai.onnx.ml', MAX_ML_OPSET],
  ] as const) {
    const version = opsets.get(domain);
    if (version === undefined || (version >= 1 && version <= max)) continue;
    throw new ImportRefusal(
      'unsupported_opset',
      `the model asks for opset ${version} of ${domain || 'ai.onnx'}; 1 to ${max} can be served. Export with a lower opset: target_opset=${domain === '' ? 17 : 3} (skl2onnx, onnxmltools) or opset_version=17 (torch.onnx.export).`,
    );
  }
}

function checkOperators(model: OnnxModel): void {
  const functions = new Set(model.functions.map(({ domain, name }) => `${domain}.${name}`));
  for (const node of eachNode(model)) {
    if (DOMAINS.has(node.domain) || functions.has(`${node.domain}.${node.op}`)) continue;
    throw new ImportRefusal(
      'unknown_operator',
      `the operator ${echo(toOperatorName(node))} belongs to a custom domain that ONNX Runtime does not know. Export the model without custom operators.`,
    );
  }
}

/** Every node of the model, those in subgraphs and functions included. */
export function* eachNode(model: Pick<OnnxModel, 'graph' | 'functions'>): Generator<GraphNode> {
  yield* eachNodeOf(model.graph.nodes);
  for (const fn of model.functions) yield* eachNodeOf(fn.nodes);
}

function* eachNodeOf(nodes: readonly GraphNode[]): Generator<GraphNode> {
  for (const node of nodes) {
    yield node;
    for (const attribute of node.attributes.values()) {
      for (const graph of attribute.graphs) yield* eachNodeOf(graph.nodes);
    }
  }
}

/** @param outer the names that the graphs around this one define, innermost last. */
function checkGraph(graph: Graph, outer: readonly ReadonlySet<string>[]): void {
  for (const tensor of graph.initializers.values()) checkTensor(tensor);
  for (const { dims, values } of graph.sparseInitializers) checkSparse(dims, values);
  checkNodes(graph, outer);
}

/** Every name is written once, every name read is written somewhere, and no tensor depends on itself. */
function checkNodes(graph: Graph, outer: readonly ReadonlySet<string>[]): void {
  const names = new Set<string>();
  for (const { name } of graph.inputs) names.add(name);
  for (const name of graph.initializers.keys()) names.add(name);
  for (const { values } of graph.sparseInitializers) if (values !== null) names.add(values.name);
  const writers = new Map<string, GraphNode>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) {
      if (output === '') continue;
      if (writers.has(output) || names.has(output)) {
        throw new ImportRefusal('invalid_graph', `two nodes write the tensor ${echo(output)}. Export the model again.`);
      }
      writers.set(output, node);
    }
  }
  const scopes = [...outer, names];
  for (const name of writers.keys()) names.add(name);
  for (const node of graph.nodes) {
    checkTrees(node);
    for (const input of node.inputs) {
      if (input === '' || scopes.some((scope) => scope.has(input))) continue;
      throw new ImportRefusal(
        'invalid_graph',
        `${echo(node.op)} reads ${echo(input)}, which nothing writes. Export the model again.`,
      );
    }
    for (const attribute of node.attributes.values()) {
      for (const tensor of attribute.tensors) checkTensor(tensor);
      for (const { dims, values } of attribute.sparse) checkSparse(dims, values);
      for (const inner of attribute.graphs) checkGraph(inner, scopes);
    }
  }
  sortNodes(graph);
}

/**
 * The nodes in an order in which each reads only what earlier ones wrote (Kahn); files need not be sorted.
 * @throws ImportRefusal where there is none.
 */
export function sortNodes(graph: Graph): GraphNode[] {
  const writers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const waiting = new Map<GraphNode, number>();
  const readers = new Map<GraphNode, GraphNode[]>();
  const ready: GraphNode[] = [];
  for (const node of graph.nodes) {
    const sources = new Set<GraphNode>();
    for (const name of getReads(node)) {
      const writer = writers.get(name);
      if (writer !== undefined) sources.add(writer);
    }
    waiting.set(node, sources.size);
    if (sources.size === 0) ready.push(node);
    for (const source of sources) {
      const list = readers.get(source);
      if (list === undefined) readers.set(source, [node]);
      else list.push(node);
    }
  }
  const sorted: GraphNode[] = [];
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    sorted.push(node);
    for (const reader of readers.get(node) ?? []) {
      const left = (waiting.get(reader) ?? 0) - 1;
      waiting.set(reader, left);
      if (left === 0) ready.push(reader);
    }
  }
  if (sorted.length < graph.nodes.length) {
    throw new ImportRefusal(
      'invalid_graph',
      'the graph has a cycle: a tensor depends on itself. Export the model again.',
    );
  }
  return sorted;
}

/** Names that a node reads: its inputs, and what its subgraphs take from outside. */
export function getReads(node: GraphNode): Set<string> {
  const names = new Set(node.inputs);
  for (const attribute of node.attributes.values()) {
    for (const graph of attribute.graphs) for (const name of getOuterReads(graph)) names.add(name);
  }
  return names;
}

function getOuterReads(graph: Graph): Set<string> {
  const names = new Set(graph.outputs.map(({ name }) => name));
  for (const node of graph.nodes) for (const name of getReads(node)) names.add(name);
  for (const { name } of graph.inputs) names.delete(name);
  for (const name of graph.initializers.keys()) names.delete(name);
  for (const node of graph.nodes) for (const name of node.outputs) names.delete(name);
  return names;
}

function checkTensor(tensor: GraphTensor): void {
  if (tensor.external) {
    throw new ImportRefusal(
      'external_data',
      `the weights (${echo(tensor.name)}) are in a separate file, and one file is taken. Put them into the model: onnx.save(onnx.load("model.onnx"), "single.onnx", save_as_external_data=False), or export with external_data=False (torch).`,
    );
  }
  const size = getSize(tensor.dims);
  const bytes = ELEMENT_BYTES[tensor.elementType] ?? 0;
  if (bytes === 0 && tensor.elementType !== 8) return;
  const stored = tensor.raw === null ? Math.max(tensor.numbers.count, tensor.strings.count) : tensor.raw.length / bytes;
  // complex numbers are stored as two
  if (stored === size || (tensor.elementType >= 14 && tensor.elementType <= 15)) return;
  throw new ImportRefusal(
    'invalid_graph',
    `the weight ${echo(tensor.name)} of shape [${tensor.dims.slice(0, MAX_RANK)}] holds ${stored} of ${size} values: the file is damaged. Export the model again.`,
  );
}

function checkSparse(dims: readonly number[], values: GraphTensor | null): void {
  if (values?.external === true) checkTensor(values);
  if (getSize(dims) > LIMITS.CONSTANT_ELEMENTS) {
    throw new ImportRefusal(
      'too_large',
      `a sparse weight of shape [${dims.slice(0, MAX_RANK)}] needs ${getSize(dims)} numbers in memory, the limit is ${LIMITS.CONSTANT_ELEMENTS}.`,
    );
  }
}

function getSize(dims: readonly number[]): number {
  if (dims.length > MAX_RANK || dims.some((size) => size < 0)) {
    throw new ImportRefusal('invalid_graph', 'a weight has an impossible shape. Export the model again.');
  }
  return dims.reduce((product, size) => product * size, 1);
}

function checkInterface(graph: Graph): void {
  const inputs = getFedInputs(graph);
  if (inputs.length === 0) {
    throw new ImportRefusal('unsupported_input', 'the model takes no input: it always answers the same.');
  }
  if (inputs.length > LIMITS.GRAPH_INPUTS) {
    throw new ImportRefusal(
      'too_complex',
      `the model takes ${inputs.length} inputs, the limit is ${LIMITS.GRAPH_INPUTS}. Export it with one tensor for all columns.`,
    );
  }
  if (graph.outputs.length === 0)
    throw new ImportRefusal('invalid_graph', 'the graph has no output. Export the model again.');
  const seen = new Set<string>();
  for (const { name } of [...inputs, ...graph.outputs]) {
    if (name === '')
      throw new ImportRefusal('invalid_graph', 'an input or output of the graph has no name. Export the model again.');
    if (name.length > LIMITS.NAME_CHARACTERS) {
      throw new ImportRefusal(
        'too_complex',
        `the name ${echo(name)} has ${name.length} characters, the limit is ${LIMITS.NAME_CHARACTERS}. Rename the column before training.`,
      );
    }
  }
  for (const { name } of inputs) {
    if (seen.has(name)) throw new ImportRefusal('invalid_graph', `the graph has two inputs called ${echo(name)}.`);
    seen.add(name);
  }
  for (const input of inputs) checkInput(input);
}

function checkInput({ name, type }: Graph['inputs'][number]): void {
  if (type.kind === 'map') {
    throw new ImportRefusal(
      'unsupported_input',
      `the input ${echo(name)} is a map (DictVectorizer). Maps cannot be fed: replace DictVectorizer by OneHotEncoder or a ColumnTransformer and export with one tensor per column.`,
    );
  }
  if (type.kind !== 'tensor') {
    throw new ImportRefusal(
      'unsupported_input',
      `the input ${echo(name)} is of kind ${type.kind}; only tensors can be fed. Export the model with tensor inputs.`,
    );
  }
  if (findDtype(type.elementType) === null) {
    throw new ImportRefusal(
      'unsupported_type',
      `the input ${echo(name)} has an element type that cannot be served (bfloat16, complex, float8 or int4). Export the model in float32 or float16.`,
    );
  }
}
