// What is on the wire. The management API as schemas: the OpenAPI document and the validation of requests come from here.
// Of the prediction API the types of what it answers. Sizes are bytes, dates ISO 8601 in UTC.
import { z } from 'zod';
import type { ErrorBody } from './errors.ts';
import { LIMITS, PLANS, type PlanName } from './limits.ts';
import {
  type Feature,
  featureSchema,
  type Manifest,
  manifestSchema,
  outputSchema,
  type Preprocess,
  type Scalar,
} from './pipeline/manifest.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const date = z.iso.datetime().meta({ example: '2026-11-23T09:30:00.000Z' });
const planNames = Object.keys(PLANS) as [PlanName, ...PlanName[]];
const plan = z
  .enum(planNames)
  .meta({ description: 'Decides how many pipelines may be active, and how many models kept.' });
const status = z.enum(['inactive', 'deploying', 'active', 'failed']);
const name = z
  .string()
  .min(1)
  .max(LIMITS.DISPLAY_NAME_CHARACTERS)
  .meta({ description: `1 to ${LIMITS.DISPLAY_NAME_CHARACTERS} characters.`, example: 'Wine quality' });

export const modelIdSchema = z.string().meta({ example: 'model_0k3v9x…' });

const onCap = z.enum(['refuse', 'pause']).meta({
  description: 'When the cap is reached: refuse calls until 00:00 UTC, or switch the pipeline off.',
});

export const activeModelSchema = z.object({ id: modelIdSchema, name: z.string(), status });

export const newAccountSchema = z.strictObject({ name, plan: plan.default('trial') });

export const accountSchema = z
  .object({
    id: z.string().meta({ example: 'account_7q2m4d…' }),
    name: z.string(),
    plan,
    created_at: date,
    limits: z.object({
      active_pipelines: z.int(),
      models: z.int(),
      versions_per_model: z.int(),
      model_bytes: z.int(),
    }),
    quota: z.object({
      used: z.int(),
      limit: z.int(),
      counted: z.array(activeModelSchema).meta({ description: 'Active, or on the way there: these count.' }),
      not_counted: z.array(activeModelSchema).meta({ description: 'Active without counting: the tutorial.' }),
    }),
    models: z.int().meta({ description: 'Models kept, the tutorial not among them.' }),
  })
  .meta({ id: 'Account' });

export const tokenSchema = z
  .object({ token: z.string().meta({ description: 'Shown once; only its hash is kept.', example: 'postern_…' }) })
  .meta({ id: 'Token' });

export const createdAccountSchema = accountSchema.extend(tokenSchema.shape).meta({ id: 'CreatedAccount' });

export const versionSummarySchema = z
  .object({
    version: z.int(),
    created_at: date,
    source: z
      .enum(['upload', 'amendment', 'tutorial'])
      .meta({ description: 'amendment: made by PATCH, with the bytes of another version.' }),
    task: manifestSchema.shape.task,
    size_bytes: z.int(),
    digest: z.string().meta({ description: 'SHA-256 of the ONNX bytes that are served.' }),
  })
  .meta({ id: 'VersionSummary' });

export const reportSchema = z
  .looseObject({
    unused_columns: z.array(z.string()).optional().meta({ description: 'Columns of the CSV the model does not take.' }),
    operators: z.array(z.string()).optional(),
    size_bytes: z.int().optional(),
    memory_estimate_bytes: z.int().optional(),
    changes: z.array(z.string()).optional().meta({ description: 'What was changed in the file.' }),
    notes: z.array(z.string()).optional().meta({ description: 'Each guess, as a sentence.' }),
    test_run: z
      .looseObject({
        rows: z.int(),
        agreement: z
          .looseObject({ metric: z.enum(['accuracy', 'r2']), value: z.number(), rows: z.int() })
          .nullable()
          .meta({ description: 'With the label column of the CSV. Low: the columns may be in another order.' }),
      })
      .nullable()
      .optional(),
  })
  .meta({ id: 'ImportReport', description: 'What import found, changed, guessed, and how the test run went.' });

export const pipelineSchema = z
  .object({
    status,
    reason: z.string().optional().meta({ description: 'Why it is not (yet) as wished.' }),
    url: z.url().optional().meta({ description: 'The secret prediction URL; only of an active pipeline.' }),
    version: z.int().nullable(),
    candidate: z.int().optional().meta({ description: 'A version on its way to replace the live one.' }),
    activated_at: date.nullable(),
    daily_cap: z.int().meta({ description: 'Predictions per UTC day; then callers get 429 daily_limit.' }),
    on_cap: onCap,
    limited_until: date.optional().meta({ description: 'The cap is reached: callers get 429 until then.' }),
    old_url_until: date.optional().meta({ description: 'Of a rotation with grace: the old URL serves until then.' }),
  })
  .meta({ id: 'Pipeline' });

const pageCallsSchema = z
  .object({
    calls: z.int(),
    last_at: date.nullable(),
    origins: z.array(
      z.object({
        origin: z.string().nullable().meta({
          description: 'The host of the page. null: it does not say, or there are too many.',
          example: 'example.org',
        }),
        calls: z.int(),
        first_at: date,
        last_at: date,
      }),
    ),
  })
  .meta({
    id: 'PageCalls',
    description: `Calls from web pages to the present URL, which were refused: whoever reads those pages can read the URL. The latest first; each for ${LIMITS.PAGE_DAYS} days.`,
  });

export const modelSchema = z
  .object({
    id: modelIdSchema,
    name: z.string(),
    created_at: date,
    tutorial: z.boolean(),
    task: manifestSchema.shape.task,
    label: z.union([z.string(), z.array(z.string())]).nullable(),
    classes: z.array(scalar).nullable(),
    unit: z.string().optional().meta({ description: 'Of the numbers that are predicted, where it was stated.' }),
    features: z.array(featureSchema),
    versions: z.array(versionSummarySchema).meta({ description: 'The newest first.' }),
    report: reportSchema,
    pipeline: pipelineSchema,
    page_calls: pageCallsSchema,
  })
  .meta({
    id: 'Model',
    description: 'Task, label, classes, unit, features and report are those of the newest version.',
  });

export const versionSchema = versionSummarySchema
  .extend({ manifest: manifestSchema, report: reportSchema })
  .meta({ id: 'Version' });

/** Given beside an upload or in a PATCH: what it states wins over what was found. Checked by onnx/overrides.ts. */
const overrides = z
  .looseObject({
    task: manifestSchema.shape.task.optional(),
    label: manifestSchema.shape.label,
    unit: z.string().optional().meta({
      description: 'Of the numbers that are predicted. An empty one takes it away.',
      example: 'EUR per month',
    }),
    classes: manifestSchema.shape.classes,
    features: z.array(featureSchema.partial().extend({ preprocess: z.looseObject({}).optional() })).optional(),
    output: outputSchema.optional(),
    batch: manifestSchema.shape.batch.optional(),
  })
  .meta({ id: 'ManifestOverrides', description: 'A partial manifest. What it states wins over what import found.' });

const file = (description: string) => z.string().meta({ type: 'string', format: 'binary', description });

/** Documents the form; importUpload reads it. */
export const uploadSchema = z
  .object({
    model: file(`The .onnx file, at most ${LIMITS.MODEL_BYTES / 2 ** 20} MiB.`),
    data: file('The training CSV: gives names, types, ranges, classes and rows for the test run.').optional(),
    label: z.string().optional().meta({ description: 'The label column; repeat the field where there are several.' }),
    name: name.optional().meta({ description: 'The file name where absent.' }),
    labels: z
      .string()
      .optional()
      .meta({ description: 'Class names in the order of the outputs, one per line, as text or file.' }),
    manifest: z.string().optional().meta({ description: 'ManifestOverrides, as JSON.' }),
  })
  .meta({ id: 'Upload' });

export const patchSchema = z
  .strictObject({
    name: name.optional(),
    manifest: overrides.optional(),
    daily_cap: z.int().min(1).nullable().optional().meta({
      description: 'Predictions per UTC day, as many as the plan allows. null: what the plan gives.',
    }),
    on_cap: onCap.optional(),
  })
  .refine((patch) => Object.keys(patch).length > 0, 'give a name, a manifest, daily_cap or on_cap')
  .meta({ id: 'ModelPatch' });

export const activationSchema = z
  .strictObject({ version: z.int().min(1).optional().meta({ description: 'The newest where absent.' }) })
  .meta({ id: 'Activation' });

export const rotationSchema = z
  .strictObject({
    grace_seconds: z
      .int()
      .min(0)
      .max(LIMITS.ROTATE_GRACE_SECONDS)
      .optional()
      .meta({ description: 'How long the old URL goes on serving. 0 where absent.', example: 3600 }),
  })
  .meta({ id: 'Rotation' });

export const pageSchema = z.object({
  limit: z.coerce.number().int().min(1).max(LIMITS.PAGE_ITEMS).optional(),
  cursor: z.string().optional().meta({ description: '`next` of the page before.' }),
});

export const modelListSchema = z.object({
  models: z.array(modelSchema),
  next: z.string().nullable().meta({ description: 'The cursor of the next page.' }),
});

export const eventListSchema = z.object({
  events: z.array(
    z
      .object({
        at: date,
        actor: z.enum(['admin', 'owner', 'system']),
        event: z.string().meta({ example: 'activated' }),
        status: status.nullable().meta({ description: 'Of the pipeline, after it.' }),
        version: z.int().nullable(),
        reason: z.string().nullable(),
      })
      .meta({ id: 'Event' }),
  ),
  next: z.string().nullable(),
});

export const usageSchema = z
  .object({
    model_id: modelIdSchema,
    hours: z
      .array(
        z.object({
          at: date.meta({ description: 'When the hour began.' }),
          calls: z.int(),
          predictions: z.int().meta({ description: 'Rows that were answered.' }),
          statuses: z.record(z.string(), z.int()).meta({ description: 'Calls by HTTP status.', example: { 200: 12 } }),
        }),
      )
      .meta({ description: `The last ${LIMITS.USAGE_HOURS}, the present one last.` }),
    codes: z.record(z.string(), z.int()).meta({
      description: 'Calls of these hours by how they ended: ok, or the code of an error.',
      example: { ok: 12, invalid_value: 1 },
    }),
    cap: z.object({
      daily_cap: z.int(),
      on_cap: onCap,
      used: z.int().meta({ description: 'Of today. What counts: docs/management.md.' }),
      left: z.int(),
      resets_at: date,
    }),
    page_calls: pageCallsSchema,
  })
  .meta({ id: 'Usage' });

export const errorSchema = z
  .object({
    error: z.string(),
    code: z.string(),
    message: z.string().meta({ description: 'What is wrong, and what to do.' }),
    reason: z.string().optional().meta({ description: 'With import_refused: its kind, for programs.' }),
    active: z.array(activeModelSchema).optional().meta({ description: 'With quota_exceeded: what holds the places.' }),
    request_id: z.string(),
  })
  .meta({ id: 'Error' });

export type Account = z.infer<typeof accountSchema>;
export type Model = z.infer<typeof modelSchema>;
export type Version = z.infer<typeof versionSchema>;
export type ImportReport = z.infer<typeof reportSchema>;
export type Pipeline = z.infer<typeof pipelineSchema>;
export type Usage = z.infer<typeof usageSchema>;
export type PageCalls = z.infer<typeof pageCallsSchema>;
export type Event = z.infer<typeof eventListSchema>['events'][number];
export type { Feature, Manifest, Scalar };

/** The body of every answer that is not the one asked for, on both surfaces. */
export type ApiError = ErrorBody;

/** One answer of a prediction URL. */
export interface Prediction {
  /** A class; a number; several numbers where the model has several outputs or a horizon. */
  prediction: Scalar | number[];
  /** In the order of the classes; of classifiers that have probabilities. */
  probability?: number[];
}

/** What GET /api/{secret}/schema answers: everything a form or a client needs to send a good row. */
export interface PipelineSchema {
  name: string;
  task: Manifest['task'];
  version: number;
  features: FeatureSchema[];
  label: string | string[] | null;
  classes: Scalar[] | null;
  /** Of the numbers that are predicted, where the owner has stated it. */
  unit?: string;
  /** Whether answers carry `probability`. */
  probability: boolean;
  limits: Record<string, number>;
  example: { query: string; json: Record<string, Scalar | Scalar[]> };
}

export interface FeatureSchema {
  name: string;
  type: Feature['type'];
  length?: number;
  /** What an image is brought to. */
  image?: { width: number; height: number; color: Preprocess['color'] };
  optional: boolean;
  default?: Scalar | Scalar[];
  /** The values that are accepted (`closed`), or those that training has seen. */
  values?: Scalar[];
  closed?: boolean;
  range?: { min: number; max: number };
  example?: Scalar | Scalar[];
  unit?: string;
  description?: string;
}
