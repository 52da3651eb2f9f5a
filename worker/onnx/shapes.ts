// Per operator: how large its outputs are, given what is known of its inputs. What is not listed is taken to be as
// large as its largest input or attribute.
import { type Abstract, broadcast, product, toConstant, toShaped, toSized, toValued } from './abstract.ts';
import { toArithmetic } from './arithmetic.ts';
import type { Attribute, GraphNode } from './graph.ts';

export interface Sizes {
  /** Elements that a shape computed in the graph asks for; throws where that depends on a caller's values. */
  fromShape(shape: Abstract | undefined): number;
}

export interface Effect {
  readonly outputs: readonly Abstract[];
  /** Multiplications, roughly. */
  readonly work: number;
}

type Rule = (node: GraphNode, inputs: readonly (Abstract | undefined)[], sizes: Sizes) => Effect;

const same: Rule = (_, [first]) =>
  one(first === undefined ? toSized(1, false) : { ...first, values: null, magnitude: Number.POSITIVE_INFINITY });
const passing: Rule = (_, [first]) => one(first ?? toSized(1, false));

function one(output: Abstract, work = output.count): Effect {
  return { outputs: [output], work };
}

const isFed = (inputs: readonly (Abstract | undefined)[]): boolean => inputs.some((input) => input?.fed === true);
const getInt = (attribute: Attribute | undefined, otherwise: number): number => attribute?.i ?? otherwise;
const getInts = (node: GraphNode, name: string): readonly number[] | null => {
  const ints = node.attributes.get(name)?.ints;
  return ints === undefined || ints.count === 0 ? null : ints.head;
};
const getCount = (inputs: readonly (Abstract | undefined)[]): number =>
  Math.max(1, ...inputs.map((input) => input?.count ?? 0));

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

const concat: Rule = (node, inputs) => {
  const present = inputs.filter((input) => input !== undefined);
  const fed = isFed(present);
  const magnitude = Math.max(0, ...present.map((input) => input.magnitude));
  if (present.every(({ values, dims }) => values !== null && dims?.length === 1)) {
    return one(toValued(present.flatMap(({ values }) => values ?? [])));
  }
  const count = present.reduce((sum, input) => sum + input.count, 0);
  const [first] = present;
  if (first?.dims == null || present.some(({ dims }) => dims?.length !== first.dims?.length))
    return one(toSized(count, fed, magnitude));
  const axis = toAxis(getInt(node.attributes.get('axis'), 1), first.dims.length);
  const dims = first.dims.map((size, i) =>
    i === axis ? present.reduce((sum, input) => sum + (input.dims?.[i] ?? 0), 0) : size,
  );
  return one({ ...toShaped(dims, fed), magnitude });
};

function toAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

const matmul: Rule = (node, inputs) => {
  const [a, b] = inputs;
  const fed = isFed(inputs);
  if (a === undefined || b === undefined) return one(toSized(1, fed));
  const left = transposeLast(a.dims, getInt(node.attributes.get('transA'), 0) !== 0);
  const right = transposeLast(b.dims, getInt(node.attributes.get('transB'), 0) !== 0);
  const inner = left?.at(-1) ?? (right === null ? null : (right.at(-2) ?? right[0] ?? 1));
  if (left !== null && right !== null && left.length >= 2 && right.length >= 2) {
    const batch = broadcast(left.slice(0, -2), right.slice(0, -2)) ?? [];
    const dims = [...batch, left.at(-2) ?? 1, right.at(-1) ?? 1];
    return one(toShaped(dims, fed), product(dims) * (left.at(-1) ?? 1));
  }
  if (right !== null && right.length === 2 && inner !== null && inner > 0) {
    const count = Math.ceil(a.count / inner) * (right[1] ?? 1);
    return one(toSized(count, fed), count * inner);
  }
  if (inner !== null && inner > 0) {
    const count = Math.ceil((a.count * b.count) / (inner * inner));
    return one(toSized(count, fed), count * inner);
  }
  return one(toSized(Math.max(a.count, b.count), fed), a.count * b.count);
};

function transposeLast(dims: readonly number[] | null, swap: boolean): readonly number[] | null {
  if (dims === null || !swap || dims.length < 2) return dims;
  return [...dims.slice(0, -2), dims.at(-1) ?? 1, dims.at(-2) ?? 1];
}

const shape: Rule = (node, [first]) => {
  if (first?.dims == null) return one(toSized(8, false, first?.count ?? 1));
  const start = toAxis(getInt(node.attributes.get('start'), 0), first.dims.length);
  const end = toAxis(getInt(node.attributes.get('end'), first.dims.length), first.dims.length);
  return one(toValued(first.dims.slice(start, end)));
};

const size: Rule = (_, [first]) =>
  one(first?.dims == null ? toSized(1, false, first?.count ?? 1) : toValued([first.count], []));

/** The shape comes from the graph, the elements stay those of the first input. */
const reshape: Rule = (node, [first, wanted]) => {
  if (first === undefined) return one(toSized(1, false));
  const target = wanted?.values ?? getInts(node, 'shape');
  if (target === null || target === undefined) return one({ ...first, dims: null });
  const kept = target.map((each, i) => (each === 0 ? (first.dims?.[i] ?? -1) : each));
  const known = product(kept.filter((each) => each > 0));
  const dims = kept.map((each) => (each > 0 ? each : Math.max(1, Math.floor(first.count / Math.max(1, known)))));
  return one(product(dims) <= first.count ? { ...first, dims, count: product(dims) } : { ...first, dims: null });
};

const unsqueeze: Rule = (node, [first, axesInput]) => {
  const axes = axesInput?.values ?? getInts(node, 'axes');
  if (first?.dims == null || axes == null)
    return one(first === undefined ? toSized(1, false) : { ...first, dims: null });
  const rank = first.dims.length + axes.length;
  const added = new Set(axes.map((axis) => toAxis(axis, rank)));
  const rest = [...first.dims];
  const dims = Array.from({ length: Math.min(rank, 32) }, (_, i) => (added.has(i) ? 1 : (rest.shift() ?? 1)));
  return one({ ...first, dims });
};

const squeeze: Rule = (node, [first, axesInput]) => {
  if (first?.dims == null) return one(first ?? toSized(1, false));
  const axes = axesInput?.values ?? getInts(node, 'axes');
  const rank = first.dims.length;
  const gone = axes == null ? null : new Set(axes.map((axis) => toAxis(axis, rank)));
  return one({ ...first, dims: first.dims.filter((each, i) => (gone === null ? each !== 1 : !gone.has(i))) });
};

const flatten: Rule = (node, [first]) => {
  if (first?.dims == null) return one(first ?? toSized(1, false));
  const axis = toAxis(getInt(node.attributes.get('axis'), 1), first.dims.length);
  return one({ ...first, dims: [product(first.dims.slice(0, axis)), product(first.dims.slice(axis))] });
};

const transpose: Rule = (node, [first]) => {
  if (first?.dims == null) return one(first ?? toSized(1, false));
  const order = getInts(node, 'perm') ?? first.dims.map((_, i) => (first.dims?.length ?? 0) - 1 - i);
  return one({
    ...first,
    values: first.dims.length < 2 ? first.values : null,
    dims: order.map((axis) => first.dims?.[axis] ?? 1),
  });
};

const gather: Rule = (node, inputs) => {
  const [data, indices] = inputs;
  if (data === undefined || indices === undefined) return one(toSized(1, false));
  const fed = isFed(inputs);
  if (data.values !== null && data.dims?.length === 1 && indices.values !== null) {
    const { values } = data;
    const picked = indices.values.map((at) => values[toAxis(at, values.length)] ?? 0);
    return one(toValued(picked, indices.dims ?? [picked.length]));
  }
  const { magnitude } = data;
  if (data.dims === null || indices.dims === null)
    return one(
      toSized(
        Math.max(
          data.count,
          data.count * indices.count > 1e6 ? data.count + indices.count : data.count * indices.count,
        ),
        fed,
        magnitude,
      ),
    );
  const axis = toAxis(getInt(node.attributes.get('axis'), 0), data.dims.length);
  return one({
    ...toShaped([...data.dims.slice(0, axis), ...indices.dims, ...data.dims.slice(axis + 1)], fed),
    magnitude,
  });
};

const slice: Rule = (node, inputs) => {
  const [data, starts, ends, axes, steps] = inputs;
  if (data === undefined) return one(toSized(1, false));
  const from = starts?.values ?? getInts(node, 'starts');
  const to = ends?.values ?? getInts(node, 'ends');
  const along = axes?.values ?? getInts(node, 'axes') ?? from?.map((_, i) => i) ?? null;
  const by = steps?.values ?? from?.map(() => 1) ?? null;
  if (data.dims === null || from == null || to == null || along === null || by === null)
    return one({ ...data, dims: null, values: null });
  const dims = [...data.dims];
  let { values } = data;
  for (const [i, raw] of along.entries()) {
    const axis = toAxis(raw, dims.length);
    const length = dims[axis] ?? 0;
    const step = by[i] ?? 1;
    const clamp = (at: number, low: number, high: number) => Math.min(high, Math.max(low, at < 0 ? at + length : at));
    const start = step > 0 ? clamp(from[i] ?? 0, 0, length) : clamp(from[i] ?? 0, 0, length - 1);
    const end = step > 0 ? clamp(to[i] ?? 0, 0, length) : clamp(to[i] ?? 0, -1, length - 1);
    dims[axis] = Math.max(0, Math.ceil((end - start) / step));
    if (values !== null && dims.length === 1) {
      const source = values;
      values = Array.from({ length: dims[axis] ?? 0 }, (_, k) => source[start + k * step] ?? 0);
    } else values = null;
  }
  return one({ ...data, dims, count: product(dims), values });
};

const expand: Rule = (_, inputs, sizes) => {
  const [data, wanted] = inputs;
  const asked = sizes.fromShape(wanted);
  if (data?.dims != null && wanted?.values != null) {
    const dims = broadcast(
      data.dims,
      wanted.values.map((each) => Math.max(1, each)),
    );
    if (dims !== null)
      return one({
        ...toShaped(dims, data.fed),
        values:
          data.values?.length === 1 && product(dims) <= 64
            ? new Array<number>(product(dims)).fill(data.values[0] ?? 0)
            : null,
        magnitude: data.magnitude,
      });
  }
  return one(toSized(Math.max(data?.count ?? 1, asked), isFed(inputs), data?.magnitude));
};

const constantOfShape: Rule = (node, [wanted], sizes) => {
  const asked = sizes.fromShape(wanted);
  const count = wanted?.values == null ? asked : product(wanted.values.map((each) => Math.max(0, each)));
  const filler = node.attributes.get('value')?.tensors[0];
  const value = filler === undefined ? 0 : (toConstant(filler).values?.[0] ?? 0);
  if (wanted?.values != null && count <= 64) return one(toValued(new Array<number>(count).fill(value), wanted.values));
  return one({
    ...(wanted?.values != null ? toShaped(wanted.values, false) : toSized(count, false)),
    magnitude: Math.abs(value),
  });
};

const range: Rule = (_, [start, limit, delta], sizes) => {
  const [from, to, by] = [start?.values?.[0], limit?.values?.[0], delta?.values?.[0]];
  if (from !== undefined && to !== undefined && by !== undefined) {
    const count = Math.max(0, Math.ceil((to - from) / by));
    if (count <= 64) return one(toValued(Array.from({ length: count }, (__, i) => from + i * by)));
    return one({ ...toShaped([count], false), magnitude: Math.max(Math.abs(from), Math.abs(to)) });
  }
  const reach = sizes.fromShape(limit) + sizes.fromShape(start);
  return one(toSized(Math.ceil(reach / Math.abs(by ?? 1)), false, reach));
};

const tile: Rule = (_, inputs, sizes) => {
  const [data, repeats] = inputs;
  const times = sizes.fromShape(repeats);
  const fed = isFed(inputs);
  if (data?.dims != null && repeats?.values != null)
    return one(
      toShaped(
        data.dims.map((each, i) => each * (repeats.values?.[i] ?? 1)),
        fed,
      ),
    );
  return one(toSized((data?.count ?? 1) * times, fed));
};

const oneHot: Rule = (_, inputs, sizes) => {
  const depth = sizes.fromShape(inputs[1]);
  return one(toSized((inputs[0]?.count ?? 1) * depth, isFed(inputs)));
};

const pad: Rule = (node, inputs, sizes) => {
  const [data, pads, , axesInput] = inputs;
  const by = pads?.values ?? getInts(node, 'pads');
  const fed = isFed(inputs);
  if (data?.dims != null && by != null) {
    const axes = axesInput?.values ?? data.dims.map((_, i) => i);
    const dims = [...data.dims];
    for (const [i, axis] of axes.entries()) {
      const at = toAxis(axis, dims.length);
      dims[at] = Math.max(0, (dims[at] ?? 0) + (by[i] ?? 0) + (by[i + by.length / 2] ?? 0));
    }
    return one(toShaped(dims, fed));
  }
  const reach = by == null ? sizes.fromShape(pads) : by.reduce((sum, each) => sum + Math.max(0, each), 0);
  return one(toSized((data?.count ?? 1) * (1 + reach), fed));
};

const resize: Rule = (node, inputs, sizes) => {
  const [data] = inputs;
  const scales =
    node.op === 'Upsample' ? (inputs[1]?.values ?? node.attributes.get('scales')?.floats.head) : inputs[2]?.values;
  const wanted = node.op === 'Upsample' ? undefined : inputs[3];
  const fed = isFed(inputs);
  if (wanted !== undefined && wanted.count > 0)
    return one(toSized(Math.max(sizes.fromShape(wanted), 1) * (wanted.count < 4 ? (data?.dims?.[1] ?? 1) : 1), fed));
  if (scales != null && scales.length > 0) {
    if (data?.dims != null && scales.length === data.dims.length)
      return one(
        toShaped(
          data.dims.map((each, i) => Math.floor(each * (scales[i] ?? 1))),
          fed,
        ),
      );
    return one(toSized((data?.count ?? 1) * product(scales), fed));
  }
  const factor = inputs[2] ?? inputs[1];
  return one(toSized((data?.count ?? 1) * (factor === undefined ? 1 : sizes.fromShape(factor)), fed));
};

const conv: Rule = (node, inputs) => {
  const [data, weights] = inputs;
  const fed = isFed(inputs);
  if (data?.dims == null || weights?.dims == null)
    return one(toSized((data?.count ?? 1) * 64, fed), (data?.count ?? 1) * (weights?.count ?? 1));
  const up = node.op === 'ConvTranspose';
  const kernel = weights.dims.slice(2);
  const strides = getInts(node, 'strides');
  const pads = getInts(node, 'pads');
  const dilations = getInts(node, 'dilations');
  const group = getInt(node.attributes.get('group'), 1);
  const spatial = data.dims.slice(2).map((each, i) => {
    const stride = Math.max(1, strides?.[i] ?? 1);
    const reach = ((kernel[i] ?? 1) - 1) * (dilations?.[i] ?? 1) + 1;
    const padding = (pads?.[i] ?? 0) + (pads?.[i + kernel.length] ?? 0);
    return up
      ? (each - 1) * stride + reach
      : Math.max(1, Math.ceil((each + Math.max(0, padding) - (pads === null ? 0 : reach - 1)) / stride));
  });
  const channels = up ? (weights.dims[1] ?? 1) * group : (weights.dims[0] ?? 1);
  const dims = [data.dims[0] ?? 1, channels, ...spatial];
  const asked = getInts(node, 'output_shape');
  const total =
    asked === null ? product(dims) : Math.max(product(dims), (data.dims[0] ?? 1) * channels * product(asked));
  const perOutput = weights.count / Math.max(1, up ? (weights.dims[1] ?? 1) : channels);
  return one(asked === null ? toShaped(dims, fed) : toSized(total, fed), total * perOutput);
};

const pool: Rule = (node, inputs) => {
  const [data] = inputs;
  const fed = isFed(inputs);
  const padding = (getInts(node, 'pads') ?? []).reduce((sum, each) => sum + Math.max(0, each), 0);
  if (data?.dims == null) return one(toSized((data?.count ?? 1) * (1 + padding), fed));
  const strides = getInts(node, 'strides');
  const kernel = getInts(node, 'kernel_shape');
  const pads = getInts(node, 'pads');
  const dims = data.dims.map((each, i) => {
    if (i < 2) return each;
    if (node.op.startsWith('Global')) return 1;
    const total = each + (pads?.[i - 2] ?? 0) + (pads?.[i - 2 + (kernel?.length ?? 0)] ?? 0);
    return Math.max(1, Math.ceil(total / Math.max(1, strides?.[i - 2] ?? 1)));
  });
  return one(toShaped(dims, fed), product(dims) * product(kernel ?? [1]));
};

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

const recurrent: Rule = (node, inputs) => {
  const [data, weights] = inputs;
  const hidden = getInt(node.attributes.get('hidden_size'), 1);
  const directions = weights?.dims?.[0] ?? 2;
  const [steps, batch] = data?.dims?.length === 3 ? [data.dims[0] ?? 1, data.dims[1] ?? 1] : [data?.count ?? 1, 1];
  const fed = isFed(inputs);
  const state = toShaped([directions, batch, hidden], fed);
  const recurrence = inputs[2]?.count ?? hidden * hidden * 4;
  return {
    outputs: [toShaped([steps, directions, batch, hidden], fed), state, state],
    work: steps * batch * ((weights?.count ?? 1) + recurrence),
  };
};

/** Picks along the last axis: one row per row of the data, one place per index. */
const extract: Rule = (_, inputs) => {
  const [data, indices] = inputs;
  const picked = indices?.count ?? 1;
  const fed = isFed(inputs);
  const last = data?.dims?.at(-1);
  if (data === undefined || last === undefined) return one(toSized(Math.max(data?.count ?? 1, picked), fed));
  return one(toShaped([Math.ceil(data.count / Math.max(1, last)), picked], fed));
};

const quantize: Rule = (_, [first]) => {
  const scalar = toShaped([], true);
  return { outputs: [first ?? toSized(1, true), scalar, scalar], work: first?.count ?? 1 };
};

const split: Rule = (node, inputs) => {
  const part = { ...(inputs[0] ?? toSized(1, false)), dims: null, values: null };
  return { outputs: node.outputs.map(() => part), work: part.count };
};

/** A shape that stands in an attribute. */
const attributeShape: Rule = (node) => one(toShaped(getInts(node, 'shape') ?? [1], false));

const lengthInput: Rule = (_, inputs, sizes) => one(toSized(sizes.fromShape(inputs[0]), false));

const einsum: Rule = (_, inputs) => {
  const count = inputs.reduce((total, input) => total * (input?.count ?? 1), 1);
  return one(toSized(Math.min(count, getCount(inputs) * 4096), isFed(inputs)), count);
};

const sum: Rule = (_, inputs) =>
  one(
    toSized(
      inputs.reduce((total, input) => total + (input?.count ?? 0), 0),
      isFed(inputs),
    ),
  );

const nonZero: Rule = (_, inputs) => one(toSized((inputs[0]?.count ?? 1) * (inputs[0]?.dims?.length ?? 8), true));

const constant: Rule = ({ attributes }) => {
  const tensor = attributes.get('value')?.tensors[0];
  if (tensor !== undefined) return one(toConstant(tensor));
  const sparse = attributes.get('sparse_value')?.sparse[0];
  if (sparse !== undefined) return one(toShaped(sparse.dims, false));
  const ints = attributes.get('value_ints');
  if (ints !== undefined) return one(toValued(ints.ints.head.slice(0, 65), [ints.ints.count]));
  const floats = attributes.get('value_floats');
  if (floats !== undefined) return one(toValued(floats.floats.head.slice(0, 65), [floats.floats.count]));
  const single = attributes.get('value_int')?.i ?? attributes.get('value_float')?.f;
  return one(
    single === undefined
      ? toSized(Math.max(1, attributes.get('value_strings')?.strings.count ?? 1), false)
      : toValued([single], []),
  );
};

/** One row of features becomes one row of classes, categories or words: attributes bound how many. */
const table: Rule = (node, inputs) => {
  const lists = [...node.attributes.values()].map(({ ints, floats, strings }) =>
    Math.max(ints.count, floats.count, strings.count),
  );
  const longest = Math.max(1, ...lists);
  const rows = inputs[0]?.dims?.[0] ?? inputs[0]?.count ?? 1;
  const count = /^(?:OneHotEncoder)$/.test(node.op)
    ? (inputs[0]?.count ?? 1) * longest
    : rows * getWide(node, longest, inputs[0]?.count ?? 1);
  return { outputs: node.outputs.map(() => toSized(count, true)), work: rows * longest };
};

function getWide(node: GraphNode, longest: number, given: number): number {
  if (node.op.startsWith('TreeEnsemble') || node.op === 'TreeEnsemble') {
    const classes = Math.max(
      node.attributes.get('classlabels_strings')?.strings.count ?? 0,
      node.attributes.get('classlabels_int64s')?.ints.count ?? 0,
    );
    return Math.max(classes, getInt(node.attributes.get('n_targets'), 1), 1);
  }
  if (node.op.startsWith('Linear') || node.op.startsWith('SVM'))
    return Math.max(
      node.attributes.get('intercepts')?.floats.count ?? 0,
      node.attributes.get('rho')?.floats.count ?? 0,
      2,
    );
  return Math.max(longest, given);
}

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
  ...rulesFor('MatMul Gemm MatMulInteger QLinearMatMul FusedMatMul FusedGemm', matmul),
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
  ...rulesFor('Conv ConvInteger QLinearConv ConvTranspose FusedConv', conv),
  ...rulesFor('MaxPool AveragePool LpPool GlobalMaxPool GlobalAveragePool', pool),
  ...rulesFor(
    'ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare ArgMax ArgMin',
    reduce,
  ),
  ...rulesFor('TopK', topK),
  ...rulesFor('LSTM GRU RNN', recurrent),
  ...rulesFor('Split SplitToSequence', split),
  ...rulesFor('RandomNormal RandomUniform', attributeShape),
  ...rulesFor(
    'HannWindow HammingWindow BlackmanWindow MelWeightMatrix AffineGrid Col2Im CenterCropPad MaxUnpool',
    lengthInput,
  ),
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

/** What an operator without a rule makes: nothing larger than what goes in. */
const other: Rule = (node, inputs) => {
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
/** Nanoseconds per element in WebAssembly, in units of a third: a copy or sum, a series such as sin, a text. */
const PLAIN_WORK = 8;
const SERIES_WORK = 128;
const TEXT_WORK = 4096;
const SERIES =
  /^(?:Exp|Log|Pow|Sin|Cos|Tan|A?Sinh?|A?Cosh?|A?Tanh?|Erf|Gelu|Mish|Sigmoid|Softmax|LogSoftmax|Softplus|Elu|Selu|Celu|Mod|Random\w+|Multinomial|Bernoulli|TopK|Unique|CumSum|GridSample|RoiAlign|Resize|Upsample|NonZero|NonMaxSuppression|LpNormalization|LRN|DFT|STFT|MelWeightMatrix|Det|Attention|MultiHeadAttention|\w*Pool)$/;
const TEXT =
  /^(?:Tokenizer|StringNormalizer|StringSplit|StringConcat|RegexFullMatch|TfIdfVectorizer|LabelEncoder|CategoryMapper|String\w+)$/;

function getWeight(op: string): number {
  if (COUNTED.has(op)) return 1;
  if (TEXT.test(op)) return TEXT_WORK;
  return SERIES.test(op) ? SERIES_WORK : PLAIN_WORK;
}

export function getEffect(node: GraphNode, inputs: readonly (Abstract | undefined)[], sizes: Sizes): Effect {
  const effect = (RULES.get(node.op) ?? other)(node, inputs, sizes);
  // A node with more outputs than its rule tells of: the others are no larger.
  const [first = toSized(1, isFed(inputs))] = effect.outputs;
  const outputs = node.outputs.map(
    (_, i) => effect.outputs[i] ?? toSized(Math.max(first.count, getCount(inputs)), isFed(inputs)),
  );
  return { outputs, work: Math.max(effect.work, first.count) * getWeight(node.op) };
}
