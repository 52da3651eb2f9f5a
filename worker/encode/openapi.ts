// What GET /api/{secret}/openapi.json answers: OpenAPI 3.1 of one pipeline, for generators and API clients. The
// secret itself is left out, so that the document can be kept in a repository.
import type { FeatureSchema } from '../contract.ts';
import { PREDICTION_STATUS } from '../errors.ts';
import type { Feature, Manifest, Scalar } from '../pipeline/manifest.ts';
import { toSchema } from './schema.ts';

type Json = Record<string, unknown>;

/** @param origin scheme and host of the deployment, without a trailing slash. */
export function toOpenApi(pipeline: { name: string; version: number; manifest: Manifest }, origin: string): Json {
  const schema = toSchema(pipeline);
  const json = schema.example.json;
  const images = schema.features.filter(({ image }) => image !== undefined);
  const row = { $ref: '#/components/schemas/Row' };
  const rows = { type: 'array', items: row };
  const text = { type: 'string' };
  return {
    openapi: '3.1.0',
    info: {
      title: pipeline.name,
      version: String(pipeline.version),
      description: 'Predictions of one model. Call it from a server: the URL is a secret, and pages are refused.',
    },
    servers: [
      {
        url: `${origin}/api/{secret}`,
        variables: { secret: { default: 'pipeline_', description: 'The last part of the pipeline URL.' } },
      },
    ],
    paths: {
      '/': {
        get: {
          operationId: 'predictOne',
          summary: 'One row, as a query string',
          parameters: [...schema.features.map(toParameter), INCLUDE],
          responses: toResponses({ 'application/json': { schema: { $ref: '#/components/schemas/Answer' } } }),
        },
        post: {
          operationId: 'predict',
          summary: `One row or many, as JSON, a form, ${images.length === 1 ? 'an image, ' : ''}CSV or NDJSON`,
          parameters: [INCLUDE],
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: { oneOf: [row, rows] }, example: json },
              'application/x-www-form-urlencoded': { schema: row },
              'multipart/form-data': { schema: images.length === 0 ? row : toForm(schema.features) },
              ...(images.length === 1 ? IMAGE_BODIES : {}),
              'text/csv': { schema: text },
              'application/x-ndjson': { schema: text },
            },
          },
          responses: toResponses({
            'application/json': {
              schema: {
                oneOf: [
                  { $ref: '#/components/schemas/Answer' },
                  { type: 'array', items: { $ref: '#/components/schemas/Answer' } },
                ],
              },
            },
            'text/csv': { schema: text },
            'application/x-ndjson': { schema: text },
          }),
        },
      },
    },
    components: {
      schemas: {
        Row: {
          type: 'object',
          required: schema.features.filter(({ optional }) => !optional).map(({ name }) => name),
          properties: Object.fromEntries(schema.features.map((feature) => [feature.name, toJsonSchema(feature)])),
          additionalProperties: false,
          example: json,
        },
        Answer: toAnswerSchema(pipeline.manifest, schema.probability),
        Error: ERROR,
      },
    },
  };
}

const INCLUDE = {
  name: '$include',
  in: 'query',
  required: false,
  schema: { type: 'array', items: { type: 'string', enum: ['classes', 'top'] } },
  style: 'form',
  explode: false,
  description: 'Adds the class names, or the classes with their probabilities, best first.',
};

const ISSUE = {
  type: 'object',
  required: ['row', 'feature', 'code', 'message'],
  properties: {
    row: { type: 'integer', minimum: 1 },
    feature: { type: 'string' },
    code: { type: 'string' },
    message: { type: 'string' },
    suggestion: { type: 'string' },
  },
};

const ERROR = {
  type: 'object',
  required: ['error', 'code', 'message', 'request_id'],
  properties: {
    error: { type: 'string', const: 'api request failure' },
    code: { type: 'string', enum: Object.keys(PREDICTION_STATUS) },
    message: { type: 'string' },
    issues: { type: 'array', items: ISSUE },
    issue_count: { type: 'integer' },
    example: { type: 'string', description: 'A query string that this pipeline answers.' },
    request_id: { type: 'string' },
  },
};

function toParameter(feature: FeatureSchema): Json {
  return {
    name: feature.name,
    in: 'query',
    required: !feature.optional,
    schema: toJsonSchema(feature),
    ...(feature.length === undefined ? {} : { style: 'form', explode: true }),
    ...(feature.example === undefined ? {} : { example: feature.example }),
  };
}

/** The image is the body, other features are in the query string. */
const IMAGE_BODIES: Json = Object.fromEntries(
  ['image/png', 'image/jpeg', 'image/webp'].map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
);

/** As parts: images are files. */
function toForm(features: readonly FeatureSchema[]): Json {
  const properties = features.map((feature) => [
    feature.name,
    feature.image === undefined ? toJsonSchema(feature) : { type: 'string', format: 'binary', ...describe(feature) },
  ]);
  return {
    type: 'object',
    required: features.filter(({ optional }) => !optional).map(({ name }) => name),
    properties: Object.fromEntries(properties),
  };
}

const JSON_TYPES: Record<Feature['type'], string> = {
  number: 'number',
  integer: 'integer',
  boolean: 'boolean',
  string: 'string',
  image: 'string',
};

function toJsonSchema(feature: FeatureSchema): Json {
  const type = JSON_TYPES[feature.type];
  const one: Json = {
    type: feature.optional ? [type, 'null'] : type,
    ...(feature.image === undefined ? {} : { contentEncoding: 'base64' }),
    ...(feature.closed === true ? { enum: feature.optional ? [...(feature.values ?? []), null] : feature.values } : {}),
  };
  const { length } = feature;
  return {
    ...(length === undefined ? one : { type: 'array', items: one, minItems: length, maxItems: length }),
    ...(feature.default === undefined ? {} : { default: feature.default }),
    ...describe(feature),
  };
}

function describe({ description, unit, range, values, closed, image }: FeatureSchema): Json {
  const seen =
    range !== undefined
      ? `Seen in training: ${range.min} to ${range.max}.`
      : values !== undefined && closed !== true
        ? `Seen in training: ${values.map(String).join(', ')}.`
        : undefined;
  const kind =
    image === undefined ? undefined : `A PNG, JPEG or WebP, brought to ${image.width} by ${image.height} pixels.`;
  const text = [description, kind, unit === undefined ? undefined : `In ${unit}.`, seen].filter(
    (part) => part !== undefined,
  );
  return text.length === 0 ? {} : { description: text.join(' ') };
}

function toAnswerSchema(manifest: Manifest, probability: boolean): Json {
  const classes = manifest.classes;
  const number = { type: 'number', ...(manifest.unit === undefined ? {} : { description: `In ${manifest.unit}.` }) };
  if (manifest.task !== 'classification') {
    const prediction = { oneOf: [number, { type: 'array', items: number }] };
    return { type: 'object', required: ['prediction'], properties: { prediction } };
  }
  const prediction = classes === undefined ? { type: ['string', 'number', 'boolean'] } : { enum: classes };
  const entries: Record<string, Json | Scalar[]> = { prediction };
  if (probability) {
    const size = classes === undefined ? {} : { minItems: classes.length, maxItems: classes.length };
    const top = { type: 'object', properties: { class: prediction, probability: { type: 'number' } } };
    entries.probability = { type: 'array', items: { type: 'number', minimum: 0, maximum: 1 }, ...size };
    entries.top = { type: 'array', items: top };
  }
  entries.classes = { type: 'array', items: prediction };
  return {
    type: 'object',
    required: probability ? ['prediction', 'probability'] : ['prediction'],
    properties: entries,
  };
}

/** Every status a caller of this pipeline may see, by the codes that carry it. */
function toResponses(content: Json): Json {
  const byStatus = new Map<number, string[]>();
  for (const [code, status] of Object.entries(PREDICTION_STATUS))
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  const failures = [...byStatus].map(([status, codes]) => [
    String(status),
    {
      description: codes.join(', '),
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
    },
  ]);
  return { '200': { description: 'The prediction.', content }, ...Object.fromEntries(failures) };
}
