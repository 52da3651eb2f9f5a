// What the graph takes: each fed input with its element type, its shape and how many values one row of it holds.
import type { Dtype, Manifest } from '../pipeline/manifest.ts';
import { type Attribute, findDtype, type Graph, type GraphNode, type GraphValue, getFedInputs } from './graph.ts';
import { findImageShape, type ImageShape } from './images.ts';
import { echo, ImportRefusal } from './refusal.ts';

export interface InputSpec {
  readonly name: string;
  readonly dtype: Dtype;
  /** null is a dynamic axis. */
  readonly shape: readonly (number | null)[];
  /** Values of one row; null where neither the shape nor the weights say. */
  readonly width: number | null;
  /** null: a table. */
  readonly image: ImageShape | null;
}

export interface Inputs {
  readonly specs: readonly InputSpec[];
  readonly batch: Manifest['batch'];
}

/** @throws ImportRefusal for shapes that no row of values can fill. */
export function getInputs(graph: Graph): Inputs {
  const open = getFedInputs(graph).map(readInput);
  const batch = findBatch(open);
  const specs = open.map((input): InputSpec => {
    if (input.image !== null) return { ...input, width: null };
    const perRow = batch === 'none' ? input.shape : input.shape.slice(1);
    if (perRow.includes(0)) {
      throw new ImportRefusal(
        'unsupported_input',
        `the input ${echo(input.name)} of shape ${show(input.shape)} holds no values.`,
      );
    }
    const fixed = perRow.reduce<number>((product, size) => product * (size ?? 1), 1);
    const open = perRow.filter((size) => size === null).length;
    const width = open === 0 ? fixed : findWidth(graph, input.name);
    return { ...input, width };
  });
  return { specs, batch };
}

function readInput({ name, type }: GraphValue): Omit<InputSpec, 'width'> {
  if (type.kind !== 'tensor') throw new Error('checked before');
  const dtype = findDtype(type.elementType);
  if (dtype === null) throw new Error('checked before');
  // An input without a shape is fed as a table.
  const shape = (type.shape ?? [null, null]).map((size) => (typeof size === 'number' && size >= 0 ? size : null));
  const image = findImageShape(shape);
  if (shape.length >= 4 && (image === null || dtype === 'string' || dtype === 'bool')) {
    throw new ImportRefusal(
      'unsupported_input',
      `the input ${echo(name)} of shape ${show(shape)} is neither a table nor an image. Images have the shape [N, 1 or 3, height, width] or [N, height, width, 1 or 3] and hold numbers.`,
    );
  }
  return { name, dtype, shape, image };
}

function findBatch(inputs: readonly Pick<InputSpec, 'name' | 'shape'>[]): Manifest['batch'] {
  if (inputs.every(({ shape }) => shape.length === 0 || (shape.length === 1 && (shape[0] ?? 0) > 1))) return 'none';
  const scalar = inputs.find(({ shape }) => shape.length === 0);
  if (scalar !== undefined) {
    throw new ImportRefusal(
      'unsupported_input',
      `the input ${echo(scalar.name)} is a single number while other inputs have rows. Export it with a batch axis, or make it a constant.`,
    );
  }
  if (inputs.every(({ shape }) => shape[0] === null)) return 'dynamic';
  const fixed = inputs.find(({ shape }) => (shape[0] ?? 1) > 1);
  if (fixed === undefined) return 'single';
  if (inputs.length === 1 && fixed.shape.every((size) => size !== null) && fixed.shape[1] === 1) return 'none';
  throw new ImportRefusal(
    'unsupported_input',
    `the input ${echo(fixed.name)} of shape ${show(fixed.shape)} takes exactly ${fixed.shape[0]} rows at once. Export with a dynamic first axis: dynamic_axes={"${fixed.name.slice(0, 40)}": {0: "batch"}} (torch), FloatTensorType([None, n]) (skl2onnx).`,
  );
}

function show(shape: readonly (number | null)[]): string {
  return `[${shape
    .slice(0, 8)
    .map((size) => size ?? 'N')
    .join(', ')}]`;
}

/** Operators that hand on a row of the same width. */
const SAME_WIDTH = new Set(['Identity', 'Cast', 'Scaler', 'Imputer', 'Normalizer', 'Sub', 'Add', 'Div', 'Mul', 'Relu']);

/** The width that the first weights behind an input take, where its shape does not say it. */
function findWidth(graph: Graph, name: string): number | null {
  const seen = new Set<string>();
  let names = [name];
  for (let step = 0; step < 6 && names.length > 0; step += 1) {
    const next: string[] = [];
    for (const node of graph.nodes) {
      const place = node.inputs.findIndex((input) => names.includes(input));
      if (place < 0) continue;
      const width = findNodeWidth(graph, node, place);
      if (width !== null) return width;
      for (const output of SAME_WIDTH.has(node.op) ? node.outputs : []) {
        if (!seen.has(output)) next.push(output);
        seen.add(output);
      }
    }
    names = next;
  }
  return null;
}

function findNodeWidth(graph: Graph, node: GraphNode, place: number): number | null {
  const floats = (key: string) => node.attributes.get(key)?.floats.count ?? 0;
  const classes = Math.max(floats('intercepts'), 1);
  const weight = graph.initializers.get(node.inputs[1 - place] ?? '');
  switch (node.op) {
    case 'Scaler':
      return Math.max(floats('offset'), floats('scale')) > 1 ? Math.max(floats('offset'), floats('scale')) : null;
    case 'Imputer':
      return floats('imputed_value_floats') > 1 ? floats('imputed_value_floats') : null;
    case 'LinearRegressor':
    case 'LinearClassifier': {
      const width = floats('coefficients') / classes;
      return Number.isInteger(width) && width > 0 ? width : null;
    }
    case 'MatMul':
      return place === 0 && weight?.dims.length === 2 ? (weight.dims[0] ?? null) : null;
    case 'Gemm':
      return place === 0 && weight?.dims.length === 2
        ? (weight.dims[isSet(node.attributes.get('transB')) ? 1 : 0] ?? null)
        : null;
    case 'Sub':
    case 'Div':
    case 'Add':
    case 'Mul':
      return (weight?.dims.at(-1) ?? 1) > 1 ? (weight?.dims.at(-1) ?? null) : null;
    default:
      return null;
  }
}

function isSet(attribute: Attribute | undefined): boolean {
  return attribute !== undefined && attribute.i !== 0;
}
