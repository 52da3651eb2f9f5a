// Per operator: how large its outputs are, given what is known of its inputs. What is not listed is taken to be as
// large as its largest input or attribute.
import { type Abstract, broadcast, toShaped, toSized } from './abstract.ts';
import { toArithmetic } from './arithmetic.ts';
import { type GraphNode, toOperatorName } from './graph.ts';
import { conv, einsum, matmul, pool, quantize, recurrent, resize, table } from './layers.ts';
import { attributeShape, constant, constantOfShape, expand, lengthInput, oneHot, pad, range, tile } from './making.ts';
import {
  concat,
  extract,
  flatten,
  gather,
  reshape,
  shape,
  size,
  slice,
  split,
  squeeze,
  transpose,
  unsqueeze,
} from './moving.ts';
import { echo, ImportRefusal } from './refusal.ts';
import { type Effect, getCount, getInt, getInts, isFed, one, type Rule, type Sizes, toAxis } from './rule.ts';

const same: Rule = (_, [first]) =>
  one(first === undefined ? toSized(1, false) : { ...first, values: null, magnitude: Number.POSITIVE_INFINITY });
const passing: Rule = (_, [first]) => one(first ?? toSized(1, false));

const elementwise: Rule = (node, inputs) => {
  const known = toArithmetic(node.op, inputs);
  if (known !== null) return one(known);
  const present = inputs.filter((input) => input !== undefined);
  const fed = isFed(present);
  const magnitude = combine(node.op, present);
  let dims: readonly number[] | null = [];
  for (const input of present) dims = dims === null || input.dims === null ? null : broadcast(dims, input.dims);
  // Without shapes a column and a row may still be stretched to a table.
  return one(dims === null ? toSized(stretch(present), fed, magnitude) : { ...toShaped(dims, fed), magnitude });
};

function stretch(inputs: readonly Abstract[]): number {
  const counts = inputs.map(({ count }) => count).sort((a, b) => b - a);
  const [first = 1, second = 1] = counts;
  // A scalar or a channel vector against the rest is what graphs do; a true outer product has known shapes.
  return second <= 4096 ? first : first * Math.ceil(second / 4096);
}

function combine(op: string, inputs: readonly Abstract[]): number {
  const sizes = inputs.map(({ magnitude }) => magnitude);
  if (op === 'Add' || op === 'Sub' || op === 'Sum') return sizes.reduce((a, b) => a + b, 0);
  if (op === 'Mul') return sizes.reduce((a, b) => a * b, 1);
  if (op === 'Max' || op === 'Min' || op === 'Where') return Math.max(0, ...sizes);
  if (op === 'Mod' || op === 'BitwiseAnd') return sizes[0] ?? 0;
  if (/^(?:Equal|Greater|Less|And|Or|Xor|Not)/.test(op)) return 1;
  return Number.POSITIVE_INFINITY;
}

const reduce: Rule = (node, inputs) => {
  const [data, axesInput] = inputs;
  const fed = data?.fed === true;
  const known = toArithmetic(node.op, inputs);
  if (known !== null) return one(known);
  const axes =
    axesInput?.values ??
    getInts(node, 'axes') ??
    (node.op.startsWith('Arg') ? [getInt(node.attributes.get('axis'), 0)] : null);
  const keep = getInt(node.attributes.get('keepdims'), 1) !== 0;
  const magnitude = node.op.startsWith('Arg')
    ? (data?.count ?? 1)
    : /Max|Min|Mean/.test(node.op)
      ? (data?.magnitude ?? 0)
      : (data?.magnitude ?? 0) * (data?.count ?? 1);
  if (data?.dims == null) return { outputs: [toSized(data?.count ?? 1, fed, magnitude)], work: data?.count ?? 1 };
  const gone = new Set((axes ?? data.dims.map((_, i) => i)).map((axis) => toAxis(axis, data.dims?.length ?? 0)));
  const dims = data.dims.flatMap((each, i) => (gone.has(i) ? (keep ? [1] : []) : [each]));
  return { outputs: [{ ...toShaped(dims, fed), magnitude }], work: data.count };
};

const topK: Rule = (_, inputs) => {
  const [data, k] = inputs;
  const fed = isFed(inputs);
  const kept = k?.values?.[0];
  const output =
    data?.dims != null && kept !== undefined
      ? toShaped([...data.dims.slice(0, -1), Math.min(kept, data.dims.at(-1) ?? kept)], fed)
      : toSized(data?.count ?? 1, fed);
  return { outputs: [output, { ...output, magnitude: data?.count ?? 1 }], work: (data?.count ?? 1) * 16 };
};

const sum: Rule = (_, inputs) =>
  one(
    toSized(
      inputs.reduce((total, input) => total + (input?.count ?? 0), 0),
      isFed(inputs),
    ),
  );

const nonZero: Rule = (_, inputs) => one(toSized((inputs[0]?.count ?? 1) * (inputs[0]?.dims?.length ?? 8), true));

const RULES = new Map<string, Rule>([
  ...rulesFor(
    'Add Sub Mul Div Pow Mod Max Min Sum Mean Where Equal Greater GreaterOrEqual Less LessOrEqual And Or Xor Not PRelu BitShift BitwiseAnd BitwiseOr BitwiseXor',
    elementwise,
  ),
  ...rulesFor('Abs Neg Floor Ceil Round Sqrt Sign Reciprocal Cast CastLike', elementwise1()),
  ...rulesFor('Identity Dropout Trilu', passing),
  ...rulesFor(
    'Relu Sigmoid Tanh Exp Log Erf Softmax LogSoftmax BatchNormalization LayerNormalization InstanceNormalization GroupNormalization Clip LeakyRelu Elu Selu HardSigmoid HardSwish Gelu Mish IsNaN IsInf CumSum Scaler Imputer Normalizer Binarizer Celu ThresholdedRelu LRN Softplus Softsign Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh StringNormalizer LabelEncoder CategoryMapper QuantizeLinear DequantizeLinear ReverseSequence Shrink Bernoulli RandomNormalLike RandomUniformLike EyeLike Hardmax DepthToSpace SpaceToDepth ScatterElements ScatterND Scatter Unique Compress',
    same,
  ),
  ...rulesFor('Concat FeatureVectorizer', concat),
  ...rulesFor('MatMul Gemm MatMulInteger FusedMatMul FusedGemm', matmul),
  ...rulesFor('QLinearMatMul', quantized(matmul)),
  ...rulesFor('QLinearConv', quantized(conv)),
  ...rulesFor('Shape', shape),
  ...rulesFor('Size', size),
  ...rulesFor('Reshape', reshape),
  ...rulesFor('Unsqueeze', unsqueeze),
  ...rulesFor('Squeeze', squeeze),
  ...rulesFor('Flatten', flatten),
  ...rulesFor('Transpose', transpose),
  ...rulesFor('Gather GatherND', gather),
  ...rulesFor('ArrayFeatureExtractor', extract),
  ...rulesFor('DynamicQuantizeLinear', quantize),
  ...rulesFor('Slice', slice),
  ...rulesFor('Expand', expand),
  ...rulesFor('ConstantOfShape', constantOfShape),
  ...rulesFor('Range', range),
  ...rulesFor('Tile', tile),
  ...rulesFor('OneHot', oneHot),
  ...rulesFor('Pad', pad),
  ...rulesFor('Resize Upsample', resize),
  ...rulesFor('Conv ConvInteger ConvTranspose FusedConv', conv),
  ...rulesFor('MaxPool AveragePool LpPool GlobalMaxPool GlobalAveragePool', pool),
  ...rulesFor(
    'ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare ArgMax ArgMin',
    reduce,
  ),
  ...rulesFor('TopK', topK),
  ...rulesFor('LSTM GRU RNN', recurrent),
  ...rulesFor('Split SplitToSequence', split),
  ...rulesFor('RandomNormal RandomUniform', attributeShape),
  ...rulesFor('HannWindow HammingWindow BlackmanWindow', lengthInput),
  ...rulesFor('Einsum', einsum),
  ...rulesFor('StringConcat SequenceConstruct SequenceInsert ConcatFromSequence', sum),
  ...rulesFor('NonZero', nonZero),
  ...rulesFor('Constant', constant),
  ...rulesFor(
    'TreeEnsembleClassifier TreeEnsembleRegressor TreeEnsemble LinearClassifier LinearRegressor SVMClassifier SVMRegressor OneHotEncoder TfIdfVectorizer DictVectorizer',
    table,
  ),
]);

function rulesFor(ops: string, rule: Rule): [string, Rule][] {
  return ops.split(' ').map((op) => [op, rule]);
}

/** Elementwise on the first input alone: what follows are types and modes. */
function elementwise1(): Rule {
  return (node, inputs, sizes) => elementwise(node, inputs.slice(0, 1), sizes);
}

/** Scale and zero point stand between the two that are multiplied. */
function quantized(rule: Rule): Rule {
  return (node, [a, , , b, ...rest], sizes) => rule(node, [a, b, ...rest], sizes);
}

/** Make nothing larger than what goes in, and look at each element a few times. */
const HARMLESS = new Set(
  'ZipMap CastMap Tokenizer RegexFullMatch GatherElements BitwiseNot SequenceAt SequenceLength SequenceEmpty SequenceErase Optional OptionalGetElement OptionalHasElement LpNormalization MeanVarianceNormalization RMSNormalization SimplifiedLayerNormalization SkipLayerNormalization SkipSimplifiedLayerNormalization BiasGelu FastGelu QuickGelu Swish'.split(
    ' ',
  ),
);

/**
 * An operator without a rule: some of them compare each with each (NonMaxSuppression), have a size of their own
 * (RoiAlign, Multinomial) or stretch what they are given, so that a file of some hundred bytes ran for minutes.
 */
const other: Rule = (node, inputs) => {
  if (!HARMLESS.has(node.op)) {
    throw new ImportRefusal(
      'too_complex',
      `what the operator ${echo(toOperatorName(node))} costs cannot be bounded before it runs. Export the model without it.`,
    );
  }
  const lists = [...node.attributes.values()].map(({ ints, floats, strings }) =>
    Math.max(ints.count, floats.count, strings.count),
  );
  const count = Math.max(getCount(inputs), ...lists);
  return { outputs: node.outputs.map(() => toSized(count, isFed(inputs))), work: count };
};

/** Operators whose work is counted in multiplications by their rules. */
const COUNTED = new Set(
  'MatMul Gemm MatMulInteger QLinearMatMul FusedMatMul FusedGemm Conv ConvInteger QLinearConv ConvTranspose FusedConv LSTM GRU RNN Einsum TreeEnsembleClassifier TreeEnsembleRegressor TreeEnsemble SVMClassifier SVMRegressor LinearClassifier LinearRegressor'.split(
    ' ',
  ),
);
/** Nanoseconds per element in WebAssembly, in units of a third: a copy or sum, a series such as sin, sixteen
 * neighbours, a text. */
const PLAIN_WORK = 8;
const SERIES_WORK = 128;
const CUBIC_WORK = 1024;
const TEXT_WORK = 4096;
const SERIES =
  /^(?:Exp|Log|Pow|Sin|Cos|Tan|A?Sinh?|A?Cosh?|A?Tanh?|Erf|Gelu|Mish|Sigmoid|Softmax|LogSoftmax|Softplus|Elu|Selu|Celu|Mod|Random\w+|Bernoulli|TopK|CumSum|Resize|Upsample|NonZero|LpNormalization|LRN|\w*Pool)$/;
const TEXT =
  /^(?:Tokenizer|Unique|StringNormalizer|StringSplit|StringConcat|RegexFullMatch|TfIdfVectorizer|LabelEncoder|CategoryMapper|String\w+)$/;

function getWeight({ op, attributes }: GraphNode): number {
  const isCubic = attributes.get('mode')?.s === 'cubic';
  if (COUNTED.has(op)) return 1;
  if (TEXT.test(op)) return TEXT_WORK;
  if (isCubic) return CUBIC_WORK;
  return SERIES.test(op) ? SERIES_WORK : PLAIN_WORK;
}

export function getEffect(node: GraphNode, inputs: readonly (Abstract | undefined)[], sizes: Sizes): Effect {
  const effect = (RULES.get(node.op) ?? other)(node, inputs, sizes);
  // A node with more outputs than its rule tells of: the others are no larger.
  const [first = toSized(1, isFed(inputs))] = effect.outputs;
  const outputs = node.outputs.map(
    (_, i) => effect.outputs[i] ?? toSized(Math.max(first.count, getCount(inputs)), isFed(inputs)),
  );
  return { outputs, work: Math.max(effect.work, first.count) * getWeight(node) };
}
