// Inputs that are images: told by their shape, with the preprocessing that the shape, the element type and the first nodes
// of the graph suggest. What cannot be seen in a graph (mean and std outside it, BGR) is for the owner to state.
import type { Feature, Preprocess } from '../pipeline/manifest.ts';
import { countChannels } from '../pipeline/places.ts';
import type { Graph, GraphTensor } from './graph.ts';
import type { InputSpec } from './inputs.ts';
import type { ManifestOverrides } from './overrides.ts';
import { echo, ImportRefusal } from './refusal.ts';

/** How the axes behind the batch are laid out; null sizes are open. */
export interface ImageShape {
  readonly layout: Preprocess['layout'];
  readonly channels: 1 | 3;
  readonly width: number | null;
  readonly height: number | null;
}

/** @param shape with its batch axis. @returns null for what is no image of one or three channels. */
export function findImageShape(shape: readonly (number | null)[]): ImageShape | null {
  if (shape.length !== 4) return null;
  const [, first, second, third] = shape;
  if (first === 1 || first === 3) {
    return { layout: 'NCHW', channels: first, height: second ?? null, width: third ?? null };
  }
  if (third === 1 || third === 3) {
    return { layout: 'NHWC', channels: third, height: first ?? null, width: second ?? null };
  }
  return null;
}

/** @throws ImportRefusal where the size is open and not stated, or what is stated does not fit the graph. */
export function toImageFeature(
  name: string,
  { name: input, dtype, image }: InputSpec,
  graph: Graph,
  stated: Partial<Preprocess> | undefined,
  notes: string[],
): Feature {
  if (image === null) throw new Error('It was found to be an image before.');
  const isRaw = dtype === 'uint8' || readsPixels(graph, input);
  const size = stated?.size ?? (image.width === null || image.height === null ? null : [image.width, image.height]);
  if (size === null) {
    throw new ImportRefusal(
      'columns_required',
      `the input ${echo(input)} takes images of any size. State the size of training in the manifest: "preprocess": {"size": [width, height]}.`,
    );
  }
  const preprocess: Preprocess = {
    resize: 'stretch',
    filter: 'bilinear',
    color: image.channels === 1 ? 'L' : 'RGB',
    layout: image.layout,
    scale: isRaw ? 1 : 1 / 255,
    offset: 0,
    ...stated,
    size: [size[0], size[1]],
  };
  check(input, image, preprocess);
  notes.push(
    `The input ${echo(input)} was taken to be an image: ${preprocess.size.join(' by ')} pixels, ${preprocess.color}, ${preprocess.layout}, ${describeValues(preprocess)}. State "preprocess" in the manifest if training did otherwise.`,
  );
  return { name, type: 'image', preprocess };
}

function describeValues({ scale, offset, mean, std }: Preprocess): string {
  const round = (value: number): number => Number(value.toPrecision(4));
  const spread = mean === undefined && std === undefined ? '' : ', then normalised by mean and std';
  return `pixels from ${round(offset)} to ${round(255 * scale + offset)}${spread}`;
}

function check(input: string, image: ImageShape, preprocess: Preprocess): void {
  const refuse = (text: string) => new ImportRefusal('manifest_invalid', `"preprocess" of ${echo(input)}: ${text}`);
  const [width, height] = preprocess.size;
  if ((image.width ?? width) !== width || (image.height ?? height) !== height) {
    throw refuse(`the graph takes ${image.width} by ${image.height} pixels, not ${width} by ${height}.`);
  }
  if (countChannels(preprocess) !== image.channels) {
    throw refuse(`the graph takes ${image.channels} channels; the color ${preprocess.color} has other ones.`);
  }
  if (preprocess.layout !== image.layout) throw refuse(`the shape of the graph says ${image.layout}.`);
  for (const key of ['mean', 'std'] as const) {
    const values = preprocess[key];
    if (values !== undefined && values.length !== image.channels) {
      throw refuse(`"${key}" has ${values.length} values for ${image.channels} channels.`);
    }
  }
  if (preprocess.std?.some((value) => value === 0)) throw refuse('"std" holds a 0.');
}

/** The one image of a model may be described beside the features: "preprocess" at the top of the overrides. */
export function findStated(name: string, input: string, overrides: ManifestOverrides): Partial<Preprocess> | undefined {
  const own = overrides.features?.find((feature) => feature.name === name || feature.input === input)?.preprocess;
  return own ?? overrides.preprocess;
}

/** Nodes that hand on pixels as they are. */
const HANDS_ON = new Set(['Identity', 'Cast', 'Transpose', 'Reshape', 'Unsqueeze', 'Squeeze', 'Pad', 'Resize']);
/** A constant that large, or a factor that small, is for pixels of 0 to 255. */
const PIXEL_MEAN = 20;
const PIXEL_FACTOR = 0.02;

/** Whether the graph normalises pixels of 0 to 255 itself. */
function readsPixels(graph: Graph, input: string): boolean {
  const constants = new Map<string, GraphTensor>(graph.initializers);
  for (const { op, outputs, attributes } of graph.nodes) {
    const tensor = op === 'Constant' ? attributes.get('value')?.tensors[0] : undefined;
    if (tensor !== undefined && outputs[0] !== undefined) constants.set(outputs[0], tensor);
  }
  let names = new Set([input]);
  for (let step = 0; step < 6; step += 1) {
    const next = new Set<string>();
    for (const node of graph.nodes) {
      const place = node.inputs.findIndex((name) => names.has(name));
      if (place < 0) continue;
      const [largest, smallest] = getExtremes(constants.get(node.inputs[1 - place] ?? ''));
      if (node.op === 'Div' && largest >= PIXEL_MEAN) return true;
      if ((node.op === 'Sub' || node.op === 'Add') && largest >= PIXEL_MEAN) return true;
      if (node.op === 'Mul' && smallest > 0 && largest <= PIXEL_FACTOR) return true;
      if (node.op === 'BatchNormalization' && getExtremes(constants.get(node.inputs[3] ?? ''))[0] >= PIXEL_MEAN)
        return true;
      if (HANDS_ON.has(node.op)) for (const name of node.outputs) next.add(name);
    }
    names = next;
  }
  return false;
}

/** Largest and smallest magnitude. */
function getExtremes(tensor: GraphTensor | undefined): readonly [number, number] {
  const values = (tensor === undefined ? [] : readFloats(tensor)).map(Math.abs);
  return values.length === 0 ? [0, 0] : [Math.max(...values), Math.min(...values)];
}

const FLOAT32 = 1;
/** One number per channel is what is looked for. */
const MOST_FLOATS = 16;

function readFloats({ numbers, raw, elementType }: GraphTensor): readonly number[] {
  if (raw === null || elementType !== FLOAT32) return numbers.head.slice(0, MOST_FLOATS);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Array.from({ length: Math.min(MOST_FLOATS, Math.floor(raw.length / 4)) }, (_, i) =>
    view.getFloat32(4 * i, true),
  );
}
