// ONNX files that nobody should send: real ones with bytes changed, and graphs put together from operators, sizes and
// wires at random, most of which make no sense and some of which would never end or fill any memory.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Dtype } from '../../worker/pipeline/manifest.ts';
import { FIXTURES_ROOT } from '../support/corpus.ts';
import {
  type AttributeValue,
  buildModel,
  type GraphSpec,
  ML,
  type NodeSpec,
  type ValueSpec,
  type Weight,
} from '../support/onnx-builder.ts';

/** Those of the corpus that came with the repository. */
const REAL = readdirSync(join(FIXTURES_ROOT, 'cases'))
  .map((name) => new Uint8Array(readFileSync(join(FIXTURES_ROOT, 'cases', name, 'model.onnx'))))
  .filter(({ length }) => length < 60_000);

/** Bytes replaced, removed, doubled or moved, or the file cut: protobuf's lengths and tags among them. */
export const mutated: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.constantFrom(...REAL),
    fc.array(
      fc.tuple(
        fc.constantFrom('set', 'flip', 'cut', 'double', 'swap', 'huge'),
        fc.nat(),
        fc.nat({ max: 255 }),
        fc.nat({ max: 64 }),
      ),
      { minLength: 1, maxLength: 6 },
    ),
  )
  .map(([model, changes]) => changes.reduce(change, model.slice()));

function change(bytes: Uint8Array, [kind, place, byte, length]: [string, number, number, number]): Uint8Array {
  const at = place % Math.max(1, bytes.length);
  const part = bytes.subarray(at, at + length);
  const join = (...parts: (Uint8Array | number[])[]) => Uint8Array.from(parts.flatMap((each) => [...each]));
  switch (kind) {
    case 'set':
      return join(bytes.subarray(0, at), [byte], bytes.subarray(at + 1));
    case 'flip':
      return join(bytes.subarray(0, at), [(bytes[at] ?? 0) ^ (1 << (byte % 8))], bytes.subarray(at + 1));
    case 'cut':
      return join(bytes.subarray(0, at), byte % 2 === 0 ? bytes.subarray(at + length) : []);
    case 'double':
      return join(bytes.subarray(0, at), part, part, bytes.subarray(at + length));
    case 'huge':
      // A varint of 2^63 or so where a length or a size may stand.
      return join(
        bytes.subarray(0, at),
        [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
        bytes.subarray(at + 1),
      );
    default:
      return join(bytes.subarray(0, at), bytes.subarray(at + length), part);
  }
}

const DTYPES: readonly Dtype[] = [
  'float32',
  'float32',
  'float32',
  'float64',
  'int64',
  'int32',
  'string',
  'bool',
  'uint8',
  'float16',
];
/** Operators that make, repeat or compare, and some that only compute; `com.microsoft` ones with their domain. */
const OPERATORS = [
  ...[
    'Add',
    'Mul',
    'Sub',
    'Div',
    'Pow',
    'Max',
    'Where',
    'Equal',
    'Neg',
    'Exp',
    'Identity',
    'Cast',
    'Not',
    'Mod',
    'BitShift',
  ],
  ...[
    'MatMul',
    'Gemm',
    'Conv',
    'ConvTranspose',
    'MaxPool',
    'AveragePool',
    'GlobalMaxPool',
    'Softmax',
    'LSTM',
    'GRU',
    'RNN',
    'Einsum',
  ],
  ...[
    'Reshape',
    'Flatten',
    'Transpose',
    'Squeeze',
    'Unsqueeze',
    'Concat',
    'Split',
    'Slice',
    'Gather',
    'GatherND',
    'GatherElements',
    'ScatterND',
    'Shape',
    'Size',
  ],
  ...[
    'ConstantOfShape',
    'Expand',
    'Tile',
    'Range',
    'Resize',
    'Upsample',
    'Pad',
    'OneHot',
    'EyeLike',
    'RandomUniform',
    'RandomNormalLike',
    'Multinomial',
    'Trilu',
  ],
  ...[
    'TopK',
    'NonZero',
    'Unique',
    'CumSum',
    'Compress',
    'ReverseSequence',
    'NonMaxSuppression',
    'RoiAlign',
    'MaxRoiPool',
    'GridSample',
    'Det',
    'DFT',
    'STFT',
  ],
  ...[
    'ReduceSum',
    'ReduceMax',
    'ArgMax',
    'HannWindow',
    'MelWeightMatrix',
    'Col2Im',
    'CenterCropPad',
    'AffineGrid',
    'MaxUnpool',
    'DepthToSpace',
    'Bernoulli',
  ],
  ...[
    'StringConcat',
    'StringSplit',
    'RegexFullMatch',
    'StringNormalizer',
    'TfIdfVectorizer',
    'LabelEncoder',
    'SequenceConstruct',
    'SplitToSequence',
    'ConcatFromSequence',
  ],
  ...[
    'If',
    'Loop',
    'Scan',
    'Attention',
    'QuantizeLinear',
    'DequantizeLinear',
    'DynamicQuantizeLinear',
    'MatMulInteger',
    'QLinearMatMul',
    'QLinearConv',
  ],
];
const ML_OPERATORS = [
  'Scaler',
  'Imputer',
  'Normalizer',
  'Binarizer',
  'OneHotEncoder',
  'ArrayFeatureExtractor',
  'LinearRegressor',
  'LinearClassifier',
  'SVMRegressor',
  'TreeEnsembleRegressor',
  'TreeEnsembleClassifier',
  'ZipMap',
  'FeatureVectorizer',
  'DictVectorizer',
  'CategoryMapper',
];
const MS_OPERATORS = [
  'CDist',
  'QLinearAdd',
  'QLinearMul',
  'Inverse',
  'FusedMatMul',
  'Attention',
  'MultiHeadAttention',
  'CropAndResize',
  'ExpandDims',
  'Tokenizer',
  'GatherND',
  'Pad',
  'Unique',
  'BiasGelu',
  'Range',
  'WordConvEmbedding',
  'MurmurHash3',
  'SampleOp',
  'GreedySearch',
  'BeamSearch',
];

const size = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 8 }) },
  { weight: 2, arbitrary: fc.integer({ min: 9, max: 3000 }) },
  { weight: 2, arbitrary: fc.constantFrom(-1, 1e5, 1e6, 1e7, 1e9, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 62, -5) },
);
const sizes = fc.array(size, { maxLength: 4 });
const WIRES = ['x', 'k', 'w', 'shape', 'n', 'text', 't0', 't1', 't2', 't3', 't4', 't5', '', 'nothing'];
const ATTRIBUTES = [
  ...[
    'axis',
    'axes',
    'to',
    'alpha',
    'keepdims',
    'k',
    'shape',
    'value',
    'kernel_shape',
    'strides',
    'pads',
    'dilations',
    'output_shape',
    'group',
    'hidden_size',
  ],
  ...[
    'perm',
    'equation',
    'mode',
    'scales',
    'sizes',
    'depth',
    'sample_size',
    'pooled_shape',
    'output_height',
    'output_width',
    'num_heads',
    'direction',
    'blocksize',
  ],
  ...[
    'ngram_counts',
    'max_gram_length',
    'max_skip_count',
    'min_gram_length',
    'n_targets',
    'num_outputs',
    'split',
    'num_scan_inputs',
    'seed',
    'dtype',
    'upper',
  ],
];

const attribute: fc.Arbitrary<AttributeValue> = fc.oneof(
  size,
  sizes,
  fc
    .array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), { maxLength: 4 })
    .map((floats) => ({ floats })),
  fc.constantFrom(
    'linear',
    'nearest',
    'constant',
    'ij,jk->ik',
    'i,j->ij',
    'abc,def->abcdef',
    'bidirectional',
    'TFIDF',
    '[a-z]+',
  ),
  fc.array(fc.constantFrom('a', '', 'ß', 'x'.repeat(500)), { maxLength: 4 }),
);

const weight: fc.Arbitrary<Weight> = fc.oneof(
  sizes.map((dims): Weight => {
    const small = dims.map((each) => Math.min(Math.max(each, 0), 6));
    const count = small.reduce((a, b) => a * b, 1);
    return { dims: small, values: Array.from({ length: count }, (_, i) => i % 7) };
  }),
  sizes.map((values): Weight => ({ dtype: 'int64', dims: [values.length], values })),
  size.map((value): Weight => ({ dtype: 'int64', dims: [], values: [value] })),
  // A shape that its values do not fill.
  sizes.map((dims): Weight => ({ dims, values: [1] })),
);

const node = (depth: number): fc.Arbitrary<NodeSpec> =>
  fc
    .tuple(
      fc.oneof(
        { weight: 10, arbitrary: fc.constantFrom(...OPERATORS).map((op) => [op, undefined] as const) },
        { weight: 2, arbitrary: fc.constantFrom(...ML_OPERATORS).map((op) => [op, ML] as const) },
        { weight: 2, arbitrary: fc.constantFrom(...MS_OPERATORS).map((op) => [op, 'com.microsoft'] as const) },
      ),
      fc.array(fc.constantFrom(...WIRES.slice(0, 12), ...WIRES), { minLength: 1, maxLength: 4 }),
      fc.array(fc.constantFrom('t0', 't1', 't2', 't3', 't4', 't5', 'y'), { minLength: 1, maxLength: 2 }),
      fc.dictionary(fc.constantFrom(...ATTRIBUTES), attribute, { maxKeys: 3 }),
      depth === 0 ? fc.constant(null) : fc.option(graph(depth - 1), { freq: 2 }),
    )
    .map(([[op, domain], inputs, outputs, attributes, body]): NodeSpec => {
      const graphs: Record<string, AttributeValue> =
        body === null
          ? {}
          : op === 'If'
            ? { then_branch: { graph: body }, else_branch: { graph: body } }
            : { body: { graph: body } };
      const isBody = ['If', 'Loop', 'Scan'].includes(op);
      return {
        op,
        ...(domain === undefined ? {} : { domain }),
        inputs,
        outputs,
        attributes: { ...attributes, ...(isBody ? graphs : {}) },
      };
    });

const value = (name: string): fc.Arbitrary<ValueSpec> =>
  fc.record({
    name: fc.constant(name),
    dtype: fc.constantFrom(...DTYPES),
    shape: fc.oneof(
      fc.constantFrom([null, 4], [null, 1], ['N', 3, 8, 8], [4], [], [null, null], [2 ** 31, 4]),
      fc.array(fc.oneof(size, fc.constant(null)), { maxLength: 4 }),
    ),
  });

function graph(depth: number): fc.Arbitrary<GraphSpec> {
  return fc
    .tuple(
      fc.array(node(depth), { minLength: 1, maxLength: 6 }),
      fc.array(fc.constantFrom('i', 'c', 'x'), { maxLength: 3 }),
      fc.constantFrom('t0', 't1', 'y', 'c'),
    )
    .map(([nodes, inputs, output]) => ({
      nodes: rename(nodes),
      inputs: inputs.map(
        (name): ValueSpec => ({
          name,
          dtype: name === 'i' ? 'int64' : name === 'c' ? 'bool' : 'float32',
          shape: name === 'x' ? [null, 4] : [],
        }),
      ),
      outputs: [{ name: output, dtype: 'float32' }],
    }));
}

/** Mostly each name is written once and before it is read: else every graph would be refused for that. */
function rename(nodes: readonly NodeSpec[]): NodeSpec[] {
  const written = new Set<string>();
  return nodes.map((each, i) => {
    const inputs = each.inputs.map((name) => (/^t\d$/.test(name) && !written.has(name) && i % 5 !== 4 ? 'x' : name));
    const outputs = each.outputs.filter((name) => !written.has(name));
    for (const name of outputs) written.add(name);
    return { ...each, inputs, outputs: outputs.length > 0 ? outputs : [`u${i}`] };
  });
}

export const generated: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.array(node(2), { minLength: 1, maxLength: 10 }),
    value('x'),
    fc.option(value('k'), { freq: 3, nil: undefined }),
    fc.record({ w: weight, shape: weight, n: weight }),
    fc.constantFrom('y', 't0', 't1', 't2'),
    fc.constantFrom(...DTYPES),
    fc.constantFrom(9, 11, 13, 15, 17, 20, 22),
  )
  .map(([nodes, x, k, weights, output, dtype, opset]) => {
    const wired = rename(nodes);
    const made = wired.flatMap(({ outputs }) => outputs);
    const last = made.includes(output) ? output : (made.at(-1) ?? 'x');
    return buildModel({
      nodes: wired,
      inputs: k === undefined ? [x] : [x, k],
      outputs: [{ name: last, dtype }],
      weights: { ...weights, text: { dtype: 'string', dims: [2], values: ['a', 'b'] } },
      opsets: { '': opset, [ML]: 3, 'com.microsoft': 1 },
    });
  });

export const models: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 4, arbitrary: mutated },
  { weight: 6, arbitrary: generated },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 500 }) },
);
