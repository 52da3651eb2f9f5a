// Rules for operators that move numbers about: joining, cutting, reshaping and picking.
import { product, toShaped, toSized, toValued } from './abstract.ts';
import { getInt, getInts, isFed, one, type Rule, toAxis } from './rule.ts';

export const concat: Rule = (node, inputs) => {
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

export const shape: Rule = (node, [first]) => {
  if (first?.dims == null) return one(toSized(8, false, first?.count ?? 1));
  const start = toAxis(getInt(node.attributes.get('start'), 0), first.dims.length);
  const end = toAxis(getInt(node.attributes.get('end'), first.dims.length), first.dims.length);
  return one(toValued(first.dims.slice(start, end)));
};

export const size: Rule = (_, [first]) =>
  one(first?.dims == null ? toSized(1, false, first?.count ?? 1) : toValued([first.count], []));

/** The shape comes from the graph, the elements stay those of the first input. */
export const reshape: Rule = (node, [first, wanted]) => {
  if (first === undefined) return one(toSized(1, false));
  const target = wanted?.values ?? getInts(node, 'shape');
  if (target === null || target === undefined) return one({ ...first, dims: null });
  const kept = target.map((each, i) => (each === 0 ? (first.dims?.[i] ?? -1) : each));
  const known = product(kept.filter((each) => each > 0));
  const dims = kept.map((each) => (each > 0 ? each : Math.max(1, Math.floor(first.count / Math.max(1, known)))));
  return one(product(dims) <= first.count ? { ...first, dims, count: product(dims) } : { ...first, dims: null });
};

export const unsqueeze: Rule = (node, [first, axesInput]) => {
  const axes = axesInput?.values ?? getInts(node, 'axes');
  if (first?.dims == null || axes == null)
    return one(first === undefined ? toSized(1, false) : { ...first, dims: null });
  const rank = first.dims.length + axes.length;
  const added = new Set(axes.map((axis) => toAxis(axis, rank)));
  const rest = [...first.dims];
  const dims = Array.from({ length: Math.min(rank, 32) }, (_, i) => (added.has(i) ? 1 : (rest.shift() ?? 1)));
  return one({ ...first, dims });
};

export const squeeze: Rule = (node, [first, axesInput]) => {
  if (first?.dims == null) return one(first ?? toSized(1, false));
  const axes = axesInput?.values ?? getInts(node, 'axes');
  const rank = first.dims.length;
  const gone = axes == null ? null : new Set(axes.map((axis) => toAxis(axis, rank)));
  return one({ ...first, dims: first.dims.filter((each, i) => (gone === null ? each !== 1 : !gone.has(i))) });
};

export const flatten: Rule = (node, [first]) => {
  if (first?.dims == null) return one(first ?? toSized(1, false));
  const axis = toAxis(getInt(node.attributes.get('axis'), 1), first.dims.length);
  return one({ ...first, dims: [product(first.dims.slice(0, axis)), product(first.dims.slice(axis))] });
};

export const transpose: Rule = (node, [first]) => {
  if (first?.dims == null) return one(first ?? toSized(1, false));
  const order = getInts(node, 'perm') ?? first.dims.map((_, i) => (first.dims?.length ?? 0) - 1 - i);
  return one({
    ...first,
    values: first.dims.length < 2 ? first.values : null,
    dims: order.map((axis) => first.dims?.[axis] ?? 1),
  });
};

export const gather: Rule = (node, inputs) => {
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

/** Picks along the last axis: one row per row of the data, one place per index. */
export const extract: Rule = (_, inputs) => {
  const [data, indices] = inputs;
  const picked = indices?.count ?? 1;
  const fed = isFed(inputs);
  const last = data?.dims?.at(-1);
  if (data === undefined || last === undefined) return one(toSized(Math.max(data?.count ?? 1, picked), fed));
  return one(toShaped([Math.ceil(data.count / Math.max(1, last)), picked], fed));
};

export const slice: Rule = (node, inputs) => {
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

export const split: Rule = (node, inputs) => {
  const part = { ...(inputs[0] ?? toSized(1, false)), dims: null, values: null };
  return { outputs: node.outputs.map(() => part), work: part.count };
};
