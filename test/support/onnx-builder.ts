// Small ONNX files for tests, written field by field: nodes, weights, inputs and outputs as exporters lay them out.
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Dtype } from '../../worker/pipeline/manifest.ts';

const CODES: Record<Dtype, number> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
};

export type AttributeValue =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | { floats: readonly number[] }
  | { float: number }
  | { tensor: Weight }
  | { graph: GraphSpec };

export interface NodeSpec {
  op: string;
  domain?: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes?: Record<string, AttributeValue>;
}

export interface Weight {
  dtype?: 'float32' | 'int64' | 'string' | 'bool';
  dims: readonly number[];
  values: readonly (number | string)[];
}

export interface ValueSpec {
  name: string;
  /** `seq(map)`: what ZipMap makes. */
  dtype: Dtype | 'seq(map)';
  /** null is a dynamic axis; no shape at all where it is left out. */
  shape?: readonly (number | string | null)[];
}

export interface GraphSpec {
  nodes: readonly NodeSpec[];
  inputs: readonly ValueSpec[];
  outputs: readonly ValueSpec[];
  weights?: Record<string, Weight>;
}

export interface ModelSpec extends GraphSpec {
  producer?: string;
  irVersion?: number;
  opsets?: Record<string, number>;
  metadata?: Record<string, string>;
  functions?: readonly {
    name: string;
    domain: string;
    inputs: readonly string[];
    outputs: readonly string[];
    nodes: readonly NodeSpec[];
  }[];
}

export const ML = 'ai.onnx.ml';

export function buildModel(spec: ModelSpec): Uint8Array {
  return message((w) => {
    integer(w, 1, spec.irVersion ?? 8);
    if (spec.producer !== undefined) text(w, 2, spec.producer);
    nested(w, 7, (g) => writeGraph(g, spec));
    for (const [domain, version] of Object.entries(spec.opsets ?? { '': 15, [ML]: 1 })) {
      nested(w, 8, (o) => {
        if (domain !== '') text(o, 1, domain);
        integer(o, 2, version);
      });
    }
    for (const [key, value] of Object.entries(spec.metadata ?? {}))
      nested(w, 14, (p) => text(text(p, 1, key), 2, value));
    for (const fn of spec.functions ?? []) {
      nested(w, 25, (f) => {
        text(f, 1, fn.name);
        for (const name of fn.inputs) text(f, 4, name);
        for (const name of fn.outputs) text(f, 5, name);
        for (const node of fn.nodes) nested(f, 7, (n) => writeNode(n, node));
        nested(f, 9, (o) => integer(o, 2, 15));
        text(f, 10, fn.domain);
      });
    }
  });
}

function writeGraph(w: BinaryWriter, { nodes, inputs, outputs, weights }: GraphSpec): void {
  for (const node of nodes) nested(w, 1, (n) => writeNode(n, node));
  text(w, 2, 'graph');
  for (const [name, weight] of Object.entries(weights ?? {})) nested(w, 5, (t) => writeWeight(t, weight, name));
  for (const value of inputs) nested(w, 11, (v) => writeValue(v, value));
  for (const value of outputs) nested(w, 12, (v) => writeValue(v, value));
}

function writeNode(w: BinaryWriter, { op, domain, inputs, outputs, attributes }: NodeSpec): void {
  for (const name of inputs) text(w, 1, name);
  for (const name of outputs) text(w, 2, name);
  text(w, 4, op);
  for (const [name, value] of Object.entries(attributes ?? {})) nested(w, 5, (a) => writeAttribute(a, name, value));
  if (domain !== undefined) text(w, 7, domain);
}

function writeAttribute(w: BinaryWriter, name: string, value: AttributeValue): void {
  text(w, 1, name);
  let type: number;
  if (typeof value === 'number') {
    integer(w, 3, value);
    type = 2;
  } else if (typeof value === 'string') {
    text(w, 4, value);
    type = 3;
  } else if ('float' in value) {
    w.tag(2, WireType.Bit32).float(value.float);
    type = 1;
  } else if ('floats' in value) {
    for (const each of value.floats) w.tag(7, WireType.Bit32).float(each);
    type = 6;
  } else if ('tensor' in value) {
    nested(w, 5, (t) => writeWeight(t, value.tensor, ''));
    type = 4;
  } else if ('graph' in value) {
    nested(w, 6, (g) => writeGraph(g, value.graph));
    type = 5;
  } else {
    const strings = value.some((each) => typeof each === 'string');
    for (const each of value) strings ? text(w, 9, String(each)) : integer(w, 8, Number(each));
    type = strings ? 8 : 7;
  }
  integer(w, 20, type);
}

function writeWeight(w: BinaryWriter, { dtype = 'float32', dims, values }: Weight, name: string): void {
  for (const size of dims) integer(w, 1, size);
  integer(w, 2, CODES[dtype]);
  if (dtype === 'string')
    for (const value of values) w.tag(6, WireType.LengthDelimited).bytes(new TextEncoder().encode(String(value)));
  if (name !== '') text(w, 8, name);
  const numbers = values.map(Number);
  if (dtype === 'float32') raw(w, new Float32Array(numbers));
  if (dtype === 'int64') raw(w, new BigInt64Array(numbers.map(BigInt)));
  if (dtype === 'bool') raw(w, new Uint8Array(numbers));
}

function raw(w: BinaryWriter, data: ArrayBufferView): void {
  w.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeValue(w: BinaryWriter, { name, dtype, shape }: ValueSpec): void {
  text(w, 1, name);
  nested(w, 2, (type) => {
    if (dtype === 'seq(map)') {
      nested(type, 4, (seq) =>
        nested(seq, 1, (inner) =>
          nested(inner, 5, (map) => {
            integer(map, 1, 8);
            nested(map, 2, (value) => nested(value, 1, (tensor) => integer(tensor, 1, 1)));
          }),
        ),
      );
      return;
    }
    nested(type, 1, (tensor) => {
      integer(tensor, 1, CODES[dtype]);
      if (shape === undefined) return;
      nested(tensor, 2, (s) => {
        for (const size of shape) {
          nested(s, 1, (d) => {
            if (typeof size === 'number') integer(d, 1, size);
            if (typeof size === 'string') text(d, 2, size);
          });
        }
      });
    });
  });
}

function message(write: (writer: BinaryWriter) => void): Uint8Array {
  const writer = new BinaryWriter();
  write(writer);
  return writer.finish();
}

function nested(w: BinaryWriter, field: number, write: (writer: BinaryWriter) => void): BinaryWriter {
  return w.tag(field, WireType.LengthDelimited).bytes(message(write));
}

function text(w: BinaryWriter, field: number, value: string): BinaryWriter {
  return w.tag(field, WireType.LengthDelimited).string(value);
}

function integer(w: BinaryWriter, field: number, value: number): BinaryWriter {
  return w.tag(field, WireType.Varint).int64(value);
}
