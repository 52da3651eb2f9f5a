// Rules for operators that make tensors of a size that the graph states or computes.
import { broadcast, product, toConstant, toShaped, toSized, toValued } from './abstract.ts';
import { getInts, isFed, one, type Rule, toAxis } from './rule.ts';

export const expand: Rule = (_, inputs, sizes) => {
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

export const constantOfShape: Rule = (node, [wanted], sizes) => {
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

export const range: Rule = (_, [start, limit, delta], sizes) => {
  const [from, to, by] = [start?.values?.[0], limit?.values?.[0], delta?.values?.[0]];
  if (from !== undefined && to !== undefined && by !== undefined) {
    const count = Math.max(0, Math.ceil((to - from) / by));
    if (count <= 64) return one(toValued(Array.from({ length: count }, (__, i) => from + i * by)));
    return one({ ...toShaped([count], false), magnitude: Math.max(Math.abs(from), Math.abs(to)) });
  }
  const reach = sizes.fromShape(limit) + sizes.fromShape(start);
  return one(toSized(Math.ceil(reach / Math.abs(by ?? 1)), false, reach));
};

export const tile: Rule = (_, inputs, sizes) => {
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

export const oneHot: Rule = (_, inputs, sizes) => {
  const depth = sizes.fromShape(inputs[1]);
  return one(toSized((inputs[0]?.count ?? 1) * depth, isFed(inputs)));
};

export const pad: Rule = (node, inputs, sizes) => {
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

/** A shape that stands in an attribute. */
export const attributeShape: Rule = (node) => one(toShaped(getInts(node, 'shape') ?? [1], false));

export const lengthInput: Rule = (_, inputs, sizes) => one(toSized(sizes.fromShape(inputs[0]), false));

export const constant: Rule = ({ attributes }) => {
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
