// Changes to the file's bytes without re-serialising it: protobuf merges a message field that comes twice, so an
// appended `graph` field with an `output` adds that output to the graph.
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Scalar } from '../pipeline/manifest.ts';
import type { Graph, OnnxModel } from './graph.ts';

const MODEL_GRAPH = 7;
const GRAPH_OUTPUT = 12;
const VALUE_NAME = 1;
const VALUE_TYPE = 2;
const TYPE_TENSOR = 1;
const TENSOR_ELEMENT_TYPE = 1;
const FLOAT = 1;

export interface ZipMap {
  /** The graph output that is a sequence of maps. */
  readonly output: string;
  /** The tensor of probabilities that ZipMap reads. */
  readonly tensor: string;
  readonly classes: readonly Scalar[];
}

/** ZipMap nodes whose output is an output of the graph, perhaps through Identity. */
export function findZipMaps(graph: Graph): ZipMap[] {
  const writers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const found: ZipMap[] = [];
  for (const { name } of graph.outputs) {
    let node = writers.get(name);
    for (let step = 0; step < 8 && node?.op === 'Identity'; step += 1) node = writers.get(node.inputs[0] ?? '');
    const tensor = node?.inputs[0];
    if (node?.op !== 'ZipMap' || tensor === undefined) continue;
    const strings = node.attributes.get('classlabels_strings')?.strings.head ?? [];
    const ints = node.attributes.get('classlabels_int64s')?.ints.head ?? [];
    found.push({ output: name, tensor, classes: strings.length > 0 ? strings : ints });
  }
  return found;
}

/** @returns the bytes with `tensor` as one more output; the same bytes where it is one already. */
export function addFloatOutput(bytes: Uint8Array, model: OnnxModel, tensor: string): Uint8Array {
  if (model.graph.outputs.some(({ name }) => name === tensor)) return bytes;
  const field = new BinaryWriter()
    .tag(MODEL_GRAPH, WireType.LengthDelimited)
    .fork()
    .tag(GRAPH_OUTPUT, WireType.LengthDelimited)
    .fork()
    .tag(VALUE_NAME, WireType.LengthDelimited)
    .string(tensor)
    .tag(VALUE_TYPE, WireType.LengthDelimited)
    .fork()
    .tag(TYPE_TENSOR, WireType.LengthDelimited)
    .fork()
    .tag(TENSOR_ELEMENT_TYPE, WireType.Varint)
    .int32(FLOAT)
    .join()
    .join()
    .join()
    .join()
    .finish();
  const longer = new Uint8Array(bytes.length + field.length);
  longer.set(bytes);
  longer.set(field, bytes.length);
  return longer;
}
