// The manifest: everything that turns a row of named values into the tensors of one ONNX graph, and its outputs
// into an answer. Documented for owners in docs/manifest.md. Code on the prediction path imports the types only.
import { z } from 'zod';
import { LIMITS } from '../limits.ts';

export const DTYPES = [
  'float32',
  'float64',
  'float16',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'bool',
  'string',
] as const;

const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** How an image becomes the values of a tensor: value = (pixel * scale + offset - mean) / std, pixels being 0 to 255. */
export const preprocessSchema = z.strictObject({
  /** Width and height in pixels that the model takes. */
  size: z.tuple([z.int().min(1).max(4096), z.int().min(1).max(4096)]),
  /** stretch: to the size; crop: the shorter side fits, the middle is kept; pad: the longer side fits, black around. */
  resize: z.enum(['stretch', 'crop', 'pad']),
  /** As Pillow's filters of these names; all but nearest are antialiased. */
  filter: z.enum(['nearest', 'box', 'bilinear', 'bicubic', 'lanczos']),
  /** L: one channel of grey. */
  color: z.enum(['RGB', 'BGR', 'L']),
  layout: z.enum(['NCHW', 'NHWC']),
  scale: z.number(),
  offset: z.number(),
  /** One per channel. */
  mean: z.array(z.number()).optional(),
  std: z.array(z.number()).optional(),
});

export const featureSchema = z.strictObject({
  /** The key callers use: the column's name in the training data. */
  name: z.string().min(1),
  /** What callers send. What the tensor holds is the input's dtype. */
  type: z.enum(['number', 'integer', 'boolean', 'string', 'image']),
  /** Present on an image. */
  preprocess: preprocessSchema.optional(),
  /** Present on a vector feature: how many values it takes (a window of 12). */
  length: z.int().min(1).max(LIMITS.FEATURE_VALUES).optional(),
  /** A missing value is fed as NaN (float tensors) or "" (string tensors). */
  optional: z.boolean().optional(),
  /** Used where the value is missing. */
  default: z.union([scalar, z.array(scalar)]).optional(),
  /** Pairs of [value sent, value in the tensor]: booleans spelled in a string tensor, categories coded as numbers. */
  encoding: z
    .array(z.tuple([scalar, scalar]))
    .min(1)
    .optional(),
  /** The values seen in training, where they are few. Others are still predicted, unless `closed`. */
  values: z.array(scalar).optional(),
  /** Refuse values that are not in `values`. */
  closed: z.boolean().optional(),
  /** The range seen in training. Values outside are still predicted. */
  range: z.strictObject({ min: z.number(), max: z.number() }).optional(),
  example: z.union([scalar, z.array(scalar), z.null()]).optional(),
  unit: z.string().optional(),
  description: z.string().optional(),
});

export const inputSchema = z.strictObject({
  /** The input's name in the graph. */
  name: z.string().min(1),
  dtype: z.enum(DTYPES),
  /** As in the graph; null is a dynamic axis. The first axis is the batch, unless `batch` is `none`. */
  shape: z.array(z.int().min(1).nullable()),
  /** The features that fill one row of it, in order; a vector feature fills `length` places. */
  features: z.array(z.string()).min(1),
});

export const outputSchema = z.strictObject({
  /** The tensor that holds the predicted class itself, or its index in `classes`. */
  label: z.strictObject({ tensor: z.string(), holds: z.enum(['class', 'index']) }).optional(),
  probability: z
    .strictObject({
      tensors: z.array(z.string()).min(1),
      /** vector: [N, classes]; columns: one tensor per class; positive: one value, of the second class. */
      form: z.enum(['vector', 'columns', 'positive']),
      /** What makes probabilities of the numbers; normalize: each divided by their sum, as votes are; scores: nothing. */
      activation: z.enum(['none', 'normalize', 'softmax', 'sigmoid', 'scores']),
    })
    .refine(({ form, activation }) => form !== 'positive' || activation !== 'normalize', {
      error: 'one value has no share: normalize goes with vector and columns',
    })
    .optional(),
  /** Regression and forecasting: the tensors whose numbers are the prediction, in order. */
  value: z.strictObject({ tensors: z.array(z.string()).min(1) }).optional(),
});

export const manifestSchema = z.strictObject({
  manifest_version: z.literal(1),
  task: z.enum(['classification', 'regression', 'forecasting']),
  /** The label column (or columns) of the training data; ignored when a row carries it. */
  label: z.union([z.string(), z.array(z.string())]).optional(),
  /** Of the numbers that are predicted (regression, forecasting): "EUR per month". */
  unit: z.string().min(1).optional(),
  /** In the order of the probabilities. */
  classes: z.array(scalar).min(2).optional(),
  features: z.array(featureSchema).min(1),
  inputs: z.array(inputSchema).min(1),
  output: outputSchema,
  /** dynamic: many rows in one run; single: one row a run; none: one row a run and no batch axis in the graph. */
  batch: z.enum(['dynamic', 'single', 'none']),
});

export type Scalar = z.infer<typeof scalar>;
export type Dtype = (typeof DTYPES)[number];
export type Preprocess = z.infer<typeof preprocessSchema>;
export type Feature = z.infer<typeof featureSchema>;
export type Input = z.infer<typeof inputSchema>;
export type Output = z.infer<typeof outputSchema>;
export type Manifest = z.infer<typeof manifestSchema>;
