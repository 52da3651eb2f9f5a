// Tensors and types of an ONNX file, as views into its bytes.
import type { BinaryReader } from '@bufbuild/protobuf/wire';
import type { GraphTensor, GraphValue, SparseTensor, ValueType } from './graph.ts';
import { echo, ImportRefusal } from './refusal.ts';
import { Collector, readEnd, readFields, readInt, readMessage, readNumbers, readText } from './wire.ts';

export function readTensor(reader: BinaryReader, end: number): GraphTensor {
  let name = '';
  let elementType = 0;
  let external = false;
  let raw: Uint8Array | null = null;
  const dims = new Collector<number>();
  const numbers = new Collector<number>();
  const strings = new Collector<string>();
  readFields(reader, end, (field, wire) => {
    if (field === 1) readNumbers(reader, wire, dims, () => readInt(reader));
    else if (field === 2) elementType = reader.int32();
    else if (field === 4) readNumbers(reader, wire, numbers, () => reader.float());
    else if (field === 5) readNumbers(reader, wire, numbers, () => reader.int32());
    else if (field === 6) readText(reader, strings);
    else if (field === 7 || field === 11) readNumbers(reader, wire, numbers, () => readInt(reader));
    else if (field === 8) name = reader.string();
    else if (field === 9) raw = reader.bytes();
    else if (field === 10) readNumbers(reader, wire, numbers, () => reader.double());
    else if (field === 13) {
      external = true;
      return false;
    } else if (field === 14) external = reader.int32() === 1 || external;
    else return false;
    return true;
  });
  return { name, dims: dims.head, elementType, external, raw, numbers, strings };
}

export function readSparse(reader: BinaryReader): SparseTensor {
  let values: GraphTensor | null = null;
  const dims = new Collector<number>();
  readMessage(reader, (field, wire) => {
    if (field === 1) {
      if (values !== null) throw toDuplicate('');
      values = readTensor(reader, readEnd(reader));
    } else if (field === 3) readNumbers(reader, wire, dims, () => readInt(reader));
    else return false;
    return true;
  });
  return { dims: dims.head, values };
}

export function toDuplicate(name: string): ImportRefusal {
  return new ImportRefusal('invalid_graph', `the graph defines ${echo(name)} twice. Export the model again.`);
}

export function readValue(reader: BinaryReader): GraphValue {
  let name = '';
  let type: ValueType = { kind: 'unknown' };
  readMessage(reader, (field) => {
    if (field === 1) name = reader.string();
    else if (field === 2) type = readType(reader);
    else return false;
    return true;
  });
  return { name, type };
}

const OTHER_TYPES: Partial<Record<number, 'sequence' | 'map' | 'opaque' | 'sparse' | 'optional'>> = {
  4: 'sequence',
  5: 'map',
  7: 'opaque',
  8: 'sparse',
  9: 'optional',
};

function readType(reader: BinaryReader): ValueType {
  let type: ValueType = { kind: 'unknown' };
  readMessage(reader, (field) => {
    if (field === 1) {
      type = readTensorType(reader);
      return true;
    }
    const kind = OTHER_TYPES[field];
    if (kind !== undefined) type = { kind };
    return false;
  });
  return type;
}

function readTensorType(reader: BinaryReader): ValueType {
  let elementType = 0;
  let shape: (number | string | null)[] | null = null;
  readMessage(reader, (field) => {
    if (field === 1) elementType = reader.int32();
    else if (field === 2) {
      const dims: (number | string | null)[] = [];
      readMessage(reader, (inner) => {
        if (inner !== 1) return false;
        dims.push(readDimension(reader));
        return true;
      });
      shape = dims;
    } else return false;
    return true;
  });
  return { kind: 'tensor', elementType, shape };
}

/** A size, the name of a dynamic axis, or null for a dynamic axis without a name. */
function readDimension(reader: BinaryReader): number | string | null {
  let dimension: number | string | null = null;
  readMessage(reader, (field) => {
    if (field === 1) dimension = readInt(reader);
    else if (field === 2) dimension = reader.string() || null;
    else return false;
    return true;
  });
  return dimension;
}
