// Identity graphs x → y, one per element type, written with the library that import reads with.
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Dtype } from '../../worker/pipeline/manifest.ts';
import type { NamedTensor, TensorData } from '../../worker/pipeline/tensor.ts';

const SAMPLES: readonly [Dtype, number, TensorData][] = [
  ['float32', 1, new Float32Array([1.5, -0, Number.NaN])],
  ['float64', 11, new Float64Array([0.1, 1e300, Number.NEGATIVE_INFINITY])],
  ['float16', 10, new Uint16Array([0x3c00, 0x7bff, 0x0001])],
  ['int8', 3, new Int8Array([-128, 0, 127])],
  ['int16', 5, new Int16Array([-32768, 0, 32767])],
  ['int32', 6, new Int32Array([-(2 ** 31), 0, 2 ** 31 - 1])],
  ['int64', 7, new BigInt64Array([-(2n ** 63n), 0n, 2n ** 63n - 1n])],
  ['uint8', 2, new Uint8Array([0, 1, 255])],
  ['uint16', 4, new Uint16Array([0, 1, 65535])],
  ['uint32', 12, new Uint32Array([0, 1, 2 ** 32 - 1])],
  ['uint64', 13, new BigUint64Array([0n, 1n, 2n ** 64n - 1n])],
  ['bool', 9, new Uint8Array([0, 1, 1])],
  ['string', 8, ['', 'größe, 北京 🙂', 'a\nb "c"']],
];

export function identityModels(): { dtype: Dtype; model: Uint8Array; feed: NamedTensor }[] {
  return SAMPLES.map(([dtype, code, data]) => ({
    dtype,
    model: toIdentityModel(code),
    feed: { name: 'x', tensor: { dtype, dims: [3], data } },
  }));
}

/** ModelProto { ir_version 8, opset 13, graph { node Identity(x) → y, input x [N], output y [N] } } */
function toIdentityModel(elementType: number): Uint8Array {
  const message = (write: (writer: BinaryWriter) => void): Uint8Array => {
    const writer = new BinaryWriter();
    write(writer);
    return writer.finish();
  };
  const field = (writer: BinaryWriter, number: number, bytes: Uint8Array) =>
    writer.tag(number, WireType.LengthDelimited).bytes(bytes);
  const text = (writer: BinaryWriter, number: number, value: string) =>
    writer.tag(number, WireType.LengthDelimited).string(value);

  const value = (name: string) => {
    const dimension = message((w) => text(w, 2, 'N'));
    const shape = message((w) => field(w, 1, dimension));
    const tensor = message((w) => field(w.tag(1, WireType.Varint).int32(elementType), 2, shape));
    const type = message((w) => field(w, 1, tensor));
    return message((w) => field(text(w, 1, name), 2, type));
  };
  const node = message((w) => text(text(text(w, 1, 'x'), 2, 'y'), 4, 'Identity'));
  const graph = message((w) => field(field(text(field(w, 1, node), 2, 'identity'), 11, value('x')), 12, value('y')));
  const opset = message((w) => w.tag(2, WireType.Varint).int64(13));
  return message((w) => field(field(w.tag(1, WireType.Varint).int64(8), 7, graph), 8, opset));
}
