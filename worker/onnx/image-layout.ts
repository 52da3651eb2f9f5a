// Where images stand among the features: their names, and the inputs they fill, beside the columns of a table.
import type { Feature, Input } from '../pipeline/manifest.ts';
import type { Graph } from './graph.ts';
import { findStated, toImageFeature } from './images.ts';
import type { InputSpec, Inputs } from './inputs.ts';
import type { Layout } from './layout.ts';
import { type ManifestOverrides, mergeFeature } from './overrides.ts';
import type { Column } from './training.ts';

const FILE_NAME = /\.(?:png|jpe?g|webp|gif|bmp|tiff?)$/i;

/** The column of the training data that names the image files. */
export function findFileColumn(columns: readonly Column[], labels: readonly Column[]): Column | null {
  const named = columns.filter((column) => {
    const [first] = column.distinct.keys();
    return !labels.includes(column) && first !== undefined && FILE_NAME.test(first.trim());
  });
  return named.length === 1 ? (named[0] ?? null) : null;
}

interface Question {
  readonly graph: Graph;
  readonly inputs: Inputs;
  readonly columns: readonly Column[];
  readonly labels: readonly Column[];
  readonly files: Column | null;
  readonly overrides: ManifestOverrides;
  readonly notes: string[];
}

/** @returns what adds the images to the layout of the inputs that are tables. */
export function addImages(question: Question): (lay: (stated: ManifestOverrides) => Layout) => Layout {
  const { graph, inputs, columns, labels, files, overrides, notes } = question;
  const specs = inputs.specs.filter(({ image }) => image !== null);
  const names = new Map(specs.map((spec) => [spec.name, nameImage(spec, specs.length, question)]));
  return (lay) => {
    if (specs.length === 0) return lay(overrides);
    const own = overrides.features?.filter(({ name }) => ![...names.values()].includes(name));
    const { features: _, ...rest } = overrides;
    const stated = own === undefined || own.length === 0 ? rest : { ...rest, features: own };
    const alone = specs.length === inputs.specs.length;
    const layout: Layout = alone
      ? {
          features: [],
          inputs: [],
          batch: inputs.batch,
          sources: new Map(),
          unused: columns.filter((column) => !labels.includes(column)).map(({ name }) => name),
          series: null,
        }
      : lay(stated);
    const images = specs.map((spec) => {
      const name = names.get(spec.name) ?? spec.name;
      const feature = toImageFeature(name, spec, graph, findStated(name, spec.name, overrides), notes);
      return { spec, feature: mergeFeature(feature, overrides) };
    });
    if (files !== null)
      notes.push('The CSV names image files but does not hold them: the test run used made-up images.');
    const all = inputs.specs.map((spec): Input | undefined => {
      const image = images.find((each) => each.spec === spec);
      return image === undefined ? layout.inputs.find(({ name }) => name === spec.name) : toInput(spec, image.feature);
    });
    return {
      ...layout,
      features: [...images.map(({ feature }) => feature), ...layout.features],
      inputs: all.filter((input) => input !== undefined),
    };
  };
}

/** As the owner says, else as the training data does, else as the graph does. */
function nameImage(spec: InputSpec, images: number, { inputs, columns, files, overrides }: Question): string {
  const stated = overrides.features ?? [];
  const mapped = stated.find(({ input }) => input === spec.name);
  if (mapped !== undefined) return mapped.name;
  const typed = stated.filter(({ type, preprocess }) => type === 'image' || preprocess !== undefined);
  const [only] = typed.length > 0 ? typed : inputs.specs.length === 1 ? stated : [];
  if (images === 1 && only !== undefined) return only.name;
  const column = columns.find(({ name }) => name === spec.name);
  return column?.name ?? files?.name ?? spec.name;
}

/** Open axes get the size that images are brought to. */
function toInput({ name, dtype, shape, image }: InputSpec, { name: feature, preprocess }: Feature): Input {
  const [width = null, height = null] = preprocess?.size ?? [];
  const [batch = null, ...rest] = shape;
  const sizes = image?.layout === 'NCHW' ? [image.channels, height, width] : [height, width, image?.channels ?? null];
  return { name, dtype, shape: [batch, ...rest.map((size, axis) => size ?? sizes[axis] ?? null)], features: [feature] };
}
