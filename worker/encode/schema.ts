// What GET /api/{secret}/schema answers: everything a form or a client needs to send a good row.
import type { FeatureSchema, PipelineSchema } from '../contract.ts';
import { LIMITS } from '../limits.ts';
import { toExampleQuery, toExampleRow } from '../pipeline/example.ts';
import type { Feature, Manifest, Preprocess, Scalar } from '../pipeline/manifest.ts';

export function toSchema({
  name,
  version,
  manifest,
}: {
  name: string;
  version: number;
  manifest: Manifest;
}): PipelineSchema {
  const example = Object.fromEntries(toExampleRow(manifest));
  return {
    name,
    task: manifest.task,
    version,
    features: manifest.features.map((feature) => toFeatureSchema(feature, example[feature.name])),
    label: manifest.label ?? null,
    classes: manifest.classes ?? null,
    ...(manifest.unit === undefined ? {} : { unit: manifest.unit }),
    probability: answersProbability(manifest),
    limits: {
      json_body_bytes: LIMITS.JSON_BODY_BYTES,
      json_rows: LIMITS.JSON_ROWS,
      image_bytes: LIMITS.IMAGE_BYTES,
      image_pixels: LIMITS.IMAGE_PIXELS,
      multipart_body_bytes: LIMITS.MULTIPART_BODY_BYTES,
      line_bytes: LIMITS.LINE_BYTES,
      issues_listed: LIMITS.ISSUES_LISTED,
    },
    example: { query: toExampleQuery(manifest), json: example },
  };
}

export function answersProbability({ task, output }: Manifest): boolean {
  return task === 'classification' && output.probability !== undefined && output.probability.activation !== 'scores';
}

function toImage({ size: [width, height], color }: Preprocess): FeatureSchema['image'] & object {
  return { width, height, color };
}

function toFeatureSchema(feature: Feature, example: Scalar | Scalar[] | undefined): FeatureSchema {
  const { name, type, length, default: fallback, range, unit, description, encoding, preprocess } = feature;
  const coded = type === 'boolean' ? undefined : encoding?.map(([sent]) => sent);
  const values = coded ?? feature.values;
  const closed = coded !== undefined || feature.closed === true;
  return {
    name,
    type,
    ...(length === undefined ? {} : { length }),
    ...(preprocess === undefined ? {} : { image: toImage(preprocess) }),
    optional: feature.optional === true || fallback !== undefined,
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(values === undefined ? {} : { values, closed }),
    ...(range === undefined ? {} : { range }),
    ...(example === undefined ? {} : { example }),
    ...(unit === undefined ? {} : { unit }),
    ...(description === undefined ? {} : { description }),
  };
}
