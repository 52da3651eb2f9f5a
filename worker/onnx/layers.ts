// Rules for operators that compute: products with weights, convolutions, recurrent cells, trees and encoders.
import { broadcast, product, toShaped, toSized } from './abstract.ts';
import type { GraphNode } from './graph.ts';
import { getCount, getInt, getInts, isFed, one, type Rule } from './rule.ts';

export const matmul: Rule = (node, inputs) => {
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

export const conv: Rule = (node, inputs) => {
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

export const pool: Rule = (node, inputs) => {
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

export const recurrent: Rule = (node, inputs) => {
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

export const einsum: Rule = (_, inputs) => {
  const count = inputs.reduce((total, input) => total * (input?.count ?? 1), 1);
  return one(toSized(Math.min(count, getCount(inputs) * 4096), isFed(inputs)), count);
};

export const resize: Rule = (node, inputs, sizes) => {
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

export const quantize: Rule = (_, [first]) => {
  const scalar = toShaped([], true);
  return { outputs: [first ?? toSized(1, true), scalar, scalar], work: first?.count ?? 1 };
};

/** One row of features becomes one row of classes, categories or words: attributes bound how many. */
export const table: Rule = (node, inputs) => {
  const lists = [...node.attributes.values()].map(({ ints, floats, strings }) =>
    Math.max(ints.count, floats.count, strings.count),
  );
  const longest = Math.max(1, ...lists);
  const rows = inputs[0]?.dims?.[0] ?? inputs[0]?.count ?? 1;
  const count = /^(?:OneHotEncoder)$/.test(node.op)
    ? (inputs[0]?.count ?? 1) * longest
    : rows * getWide(node, longest, inputs[0]?.count ?? 1);
  // Of n-grams with gaps the engine tries every gap.
  const gaps = 1 + Math.max(0, getInt(node.attributes.get('max_skip_count'), 0));
  return { outputs: node.outputs.map(() => toSized(count, true)), work: rows * longest * gaps };
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
