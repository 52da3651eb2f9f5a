// ONNX bytes → Graph, by hand on the wire format: field numbers are those of onnx.proto. Bounded in depth and in
// counts while reading, so that a hostile file is refused before it costs memory.
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { LIMITS } from '../limits.ts';
import type {
  Attribute,
  Graph,
  GraphFunction,
  GraphNode,
  GraphTensor,
  GraphValue,
  OnnxModel,
  SparseTensor,
} from './graph.ts';
import { readSparse, readTensor, readValue, toDuplicate } from './parse-tensor.ts';
import { ImportRefusal } from './refusal.ts';
import { isTreeList, LEAF, TREE_MODES } from './trees.ts';
import { Collector, readEnd, readFields, readInt, readMessage, readNumbers, readText, readWord } from './wire.ts';

interface State {
  nodes: number;
  depth: number;
}

export function parseModel(bytes: Uint8Array): OnnxModel {
  const reader = new BinaryReader(bytes);
  const state: State = { nodes: 0, depth: 0 };
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  const functions: GraphFunction[] = [];
  let irVersion = 0;
  let producer = '';
  let producerVersion = '';
  const graph = createGraph();
  let graphs = 0;
  try {
    readFields(reader, reader.len, (field, wire) => {
      if (!isModelField(field, wire)) throw graphs === 0 ? notOnnx() : new Error(`unexpected field ${field}`);
      if (field === 1) irVersion = readInt(reader);
      else if (field === 2) producer = reader.string();
      else if (field === 3) producerVersion = reader.string();
      else if (field === 7) {
        graphs += 1;
        readGraph(reader, readGraphEnd(reader), state, graph);
      } else if (field === 8) readOpset(reader, opsets);
      else if (field === 14) readProperty(reader, metadata);
      else if (field === 25) functions.push(readFunction(reader, state));
      else return false;
      return true;
    });
  } catch (error) {
    throw toRefusal(error, irVersion);
  }
  if (graphs === 0) {
    if (irVersion === 0 && opsets.size === 0) throw notOnnx();
    throw new ImportRefusal('invalid_graph', 'the file is an ONNX model without a graph. Export the model again.');
  }
  return {
    irVersion,
    producer: [producer, producerVersion].filter(Boolean).join(' '),
    opsets,
    metadata,
    graph,
    functions,
    bytes: bytes.length,
  };
}

function notOnnx(): ImportRefusal {
  return new ImportRefusal(
    'not_onnx',
    'the file is not an ONNX model. Export the trained model to ONNX (scikit-learn: skl2onnx.to_onnx, PyTorch: torch.onnx.export, Keras: tf2onnx) and upload the .onnx file.',
  );
}

function toRefusal(error: unknown, irVersion: number): unknown {
  if (error instanceof ImportRefusal) return error;
  // Every writer puts ir_version first: without a sane one this never was a model.
  if (irVersion < 1 || irVersion > 1000) return notOnnx();
  return new ImportRefusal(
    'invalid_graph',
    'the file starts like an ONNX model but its contents are damaged. Export the model again; onnx.checker.check_model tells where it breaks.',
    error,
  );
}

/** Wire types of ModelProto's fields: anything else is another file that happens to parse. */
const MODEL_VARINTS = new Set([1, 5]);
const MODEL_MESSAGES = new Set([2, 3, 4, 6, 7, 8, 14, 20, 25, 26]);

function isModelField(field: number, wire: WireType): boolean {
  return wire === WireType.Varint
    ? MODEL_VARINTS.has(field)
    : wire === WireType.LengthDelimited && MODEL_MESSAGES.has(field);
}

/** The graph is nearly the whole file: where it ends behind the file, the rest is missing. */
function readGraphEnd(reader: BinaryReader): number {
  const length = reader.uint32();
  if (reader.pos + length <= reader.len) return reader.pos + length;
  throw new ImportRefusal(
    'truncated',
    `the file ends in the middle of the model: ${reader.len} bytes are there, ${reader.pos + length} should be. Compare its size with the original and upload it again.`,
  );
}

function readOpset(reader: BinaryReader, opsets: Map<string, number>): void {
  let domain = '';
  let version = 0;
  readMessage(reader, (field) => {
    if (field === 1) domain = reader.string();
    else if (field === 2) version = readInt(reader);
    else return false;
    return true;
  });
  opsets.set(toDomain(domain), version);
}

function toDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

function readProperty(reader: BinaryReader, into: Map<string, string>): void {
  let key = '';
  let value = '';
  readMessage(reader, (field) => {
    if (field === 1) key = reader.string();
    else if (field === 2) value = reader.string();
    else return false;
    return true;
  });
  into.set(key, value);
}

interface OpenGraph extends Graph {
  readonly nodes: GraphNode[];
  readonly initializers: Map<string, GraphTensor>;
  readonly sparseInitializers: SparseTensor[];
  readonly inputs: GraphValue[];
  readonly outputs: GraphValue[];
}

function createGraph(): OpenGraph {
  return { nodes: [], initializers: new Map(), sparseInitializers: [], inputs: [], outputs: [] };
}

/** Reads into `graph`: protobuf merges a field that comes twice, and so does the engine. */
function readGraph(reader: BinaryReader, end: number, state: State, graph: OpenGraph): Graph {
  state.depth += 1;
  if (state.depth > LIMITS.GRAPH_DEPTH) {
    throw new ImportRefusal(
      'too_complex',
      `graphs are nested more than ${LIMITS.GRAPH_DEPTH} deep (If, Loop or Scan inside each other). Simplify the model, for example with onnxsim.`,
    );
  }
  const { nodes, initializers, sparseInitializers, inputs, outputs } = graph;
  readFields(reader, end, (field) => {
    if (field === 1) nodes.push(readNode(reader, state));
    else if (field === 5) {
      const tensor = readTensor(reader, readEnd(reader));
      if (initializers.has(tensor.name)) throw toDuplicate(tensor.name);
      initializers.set(tensor.name, tensor);
    } else if (field === 11) inputs.push(readValue(reader));
    else if (field === 12) outputs.push(readValue(reader));
    else if (field === 15) sparseInitializers.push(readSparse(reader));
    else return false;
    return true;
  });
  state.depth -= 1;
  return graph;
}

function readFunction(reader: BinaryReader, state: State): GraphFunction {
  let name = '';
  let domain = '';
  const inputs: string[] = [];
  const outputs: string[] = [];
  const nodes: GraphNode[] = [];
  readMessage(reader, (field) => {
    if (field === 1) name = reader.string();
    else if (field === 4) inputs.push(reader.string());
    else if (field === 5) outputs.push(reader.string());
    else if (field === 7) nodes.push(readNode(reader, state));
    else if (field === 10) domain = toDomain(reader.string());
    else return false;
    return true;
  });
  return { name, domain, inputs, outputs, nodes };
}

function readNode(reader: BinaryReader, state: State): GraphNode {
  state.nodes += 1;
  if (state.nodes > LIMITS.GRAPH_NODES) {
    throw new ImportRefusal('too_complex', `the graph has more than ${LIMITS.GRAPH_NODES} nodes.`);
  }
  let op = '';
  let domain = '';
  let name = '';
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, Attribute>();
  readMessage(reader, (field) => {
    if (field === 1) inputs.push(reader.string());
    else if (field === 2) outputs.push(reader.string());
    else if (field === 3) name = reader.string();
    else if (field === 4) op = reader.string();
    else if (field === 5) {
      const attribute = readAttribute(reader, state);
      if (attributes.has(attribute.name)) throw toDuplicate(attribute.name);
      attributes.set(attribute.name, attribute);
    } else if (field === 7) domain = toDomain(reader.string());
    else return false;
    return true;
  });
  return { op, domain, name, inputs, outputs, attributes };
}

function readAttribute(reader: BinaryReader, state: State): Attribute {
  let name = '';
  let i = 0;
  let f = 0;
  let s = '';
  let ints = new Collector<number>();
  const floats = new Collector<number>();
  let strings = new Collector<string>();
  const tensors: GraphTensor[] = [];
  const sparse: SparseTensor[] = [];
  const graphs: Graph[] = [];
  readMessage(reader, (field, wire) => {
    if (field === 1) {
      name = reader.string();
      // Writers put the name first; lists of a tree that come before it are not whole, and refused (trees.ts).
      if (isTreeList(name) && ints.count === 0) ints = new Collector(true);
      if (name === TREE_MODES && strings.count === 0) strings = new Collector(true);
    } else if (field === 2) f = reader.float();
    else if (field === 3) i = readInt(reader);
    else if (field === 4) s = reader.string();
    else if (field === 5 || field === 10) {
      // A single tensor or graph that comes twice would be merged by the engine, and checked here as two.
      if (field === 5 && tensors.length > 0) throw toDuplicate(name);
      tensors.push(readTensor(reader, readEnd(reader)));
    } else if (field === 6 || field === 11) {
      if (field === 6 && graphs.length > 0) throw toDuplicate(name);
      graphs.push(readGraph(reader, readEnd(reader), state, createGraph()));
    } else if (field === 7) readNumbers(reader, wire, floats, () => reader.float());
    else if (field === 8) readNumbers(reader, wire, ints, () => readInt(reader));
    else if (field === 9) {
      if (name === TREE_MODES) readWord(reader, strings, LEAF);
      else readText(reader, strings);
    } else if (field === 22 || field === 23) sparse.push(readSparse(reader));
    else return false;
    return true;
  });
  return { name, i, f, s, ints, floats, strings, tensors, sparse, graphs };
}
