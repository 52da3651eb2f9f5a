// Leaves out of a file what no wanted output needs: the nodes behind ZipMap, a label that is never asked for. The
// engine would run them for every row. All that stays is copied as it is.
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Graph, GraphNode, OnnxModel } from './graph.ts';

const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const GRAPH_OUTPUT = 12;
const VALUE_NAME = 1;

/**
 * @param bytes the file that `model` was read from, perhaps with outputs added.
 * @param outputs names of the graph outputs that stay.
 * @returns the pruned file and how many nodes were left out; the same bytes where all are needed.
 */
export function pruneGraph(
  bytes: Uint8Array,
  model: OnnxModel,
  outputs: readonly string[],
): { bytes: Uint8Array; removed: number } {
  const kept = findNeeded(model.graph, outputs);
  const removed = model.graph.nodes.length - kept.size;
  if (removed === 0) return { bytes, removed };
  let node = 0;
  const writer = new BinaryWriter();
  for (const field of eachField(bytes)) {
    if (field.number !== MODEL_GRAPH) {
      writer.raw(field.raw);
      continue;
    }
    const graph = new BinaryWriter();
    for (const part of eachField(field.content)) {
      const isNode = part.number === GRAPH_NODE;
      const stays = isNode
        ? kept.has(node)
        : part.number !== GRAPH_OUTPUT || outputs.includes(toValueName(part.content));
      if (isNode) node += 1;
      if (stays) graph.raw(part.raw);
    }
    writer.tag(MODEL_GRAPH, WireType.LengthDelimited).bytes(graph.finish());
  }
  return { bytes: writer.finish(), removed };
}

/** Positions of the nodes that `outputs` come from. */
function findNeeded({ nodes }: Graph, outputs: readonly string[]): Set<number> {
  const writers = new Map(nodes.flatMap((node, index) => node.outputs.map((name) => [name, index] as const)));
  const needed = new Set<number>();
  const open = [...outputs];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const index = writers.get(name);
    const node = index === undefined ? undefined : nodes[index];
    if (index === undefined || node === undefined || needed.has(index)) continue;
    needed.add(index);
    open.push(...readNames(node));
  }
  return needed;
}

/** What a node reads; the graphs inside it may read any name of the graph around them. */
function readNames(node: GraphNode): string[] {
  const inside = [...node.attributes.values()].flatMap(({ graphs }) => graphs);
  return [
    ...node.inputs,
    ...inside.flatMap((graph) => [...graph.nodes.flatMap(readNames), ...graph.outputs.map(({ name }) => name)]),
  ];
}

interface Field {
  readonly number: number;
  /** Tag and value as they stand in the file. */
  readonly raw: Uint8Array;
  /** The bytes of a length-delimited field; none for others. */
  readonly content: Uint8Array;
}

function* eachField(bytes: Uint8Array): Generator<Field> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wireType] = reader.tag();
    const content = wireType === WireType.LengthDelimited ? reader.bytes() : new Uint8Array(0);
    if (wireType !== WireType.LengthDelimited) reader.skip(wireType, number);
    yield { number, raw: bytes.subarray(start, reader.pos), content };
  }
}

function toValueName(value: Uint8Array): string {
  for (const { number, content } of eachField(value)) {
    if (number === VALUE_NAME) return new TextDecoder().decode(content);
  }
  return '';
}
