// What an owner may state beside the file: a partial manifest. Whatever it states wins over what import finds.
import { z } from 'zod';
import {
  type Feature,
  featureSchema,
  type Manifest,
  manifestSchema,
  outputSchema,
  type Preprocess,
  preprocessSchema,
} from '../pipeline/manifest.ts';
import { createFeedPlan } from '../pipeline/tensor.ts';
import { echo, echoList, ImportRefusal } from './refusal.ts';

/** Names for the usual ranges of values, and what they are in numbers. */
const SCALES = {
  '1/255': [1 / 255, 0],
  '0..1': [1 / 255, 0],
  '1': [1, 0],
  '0..255': [1, 0],
  '-1..1': [2 / 255, -1],
} as const;
type ScaleName = keyof typeof SCALES;

/** Partial, and with names for scales. */
const preprocessOverride = preprocessSchema
  .partial()
  .extend({ scale: z.union([z.number(), z.enum(Object.keys(SCALES) as [ScaleName, ...ScaleName[]])]).optional() })
  // As the tools that write it down leave it out.
  .extend({ mean: z.array(z.number()).nullish(), std: z.array(z.number()).nullish() })
  .transform(({ scale, mean, std, ...rest }): Partial<Preprocess> => {
    const [factor, offset] = typeof scale === 'string' ? SCALES[scale] : [scale, undefined];
    // JSON knows no undefined.
    return {
      ...(rest as Partial<Preprocess>),
      ...(factor === undefined ? {} : { scale: factor }),
      ...(offset === undefined || rest.offset !== undefined ? {} : { offset }),
      ...(mean == null ? {} : { mean }),
      ...(std == null ? {} : { std }),
    };
  });

const featureOverride = featureSchema.partial().extend({
  preprocess: preprocessOverride.optional(),
  name: z.string().min(1),
  /** The graph input of this column, where names do not tell. */
  input: z.string().optional(),
});

/** Every key is optional; `features` are merged by name onto what was found. */
export const overridesSchema = z.strictObject({
  manifest_version: z.literal(1).optional(),
  task: manifestSchema.shape.task.optional(),
  label: manifestSchema.shape.label,
  /** An empty one takes it away. */
  unit: z.string().optional(),
  classes: manifestSchema.shape.classes,
  features: z.array(featureOverride).min(1).optional(),
  /** Which columns fill which input, in order. dtype and shape are the graph's. */
  inputs: z
    .array(
      z.strictObject({
        name: z.string(),
        features: z.array(z.string()).min(1),
        dtype: z.string().optional(),
        shape: z.array(z.number().nullable()).optional(),
      }),
    )
    .min(1)
    .optional(),
  /** Of the model's only image. */
  preprocess: preprocessOverride.optional(),
  output: outputSchema.optional(),
  batch: manifestSchema.shape.batch.optional(),
});

export type ManifestOverrides = z.infer<typeof overridesSchema>;

/** @throws ImportRefusal manifest_invalid, naming the first key that is wrong. */
export function parseOverrides(value: unknown): ManifestOverrides {
  const parsed = overridesSchema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.map(echo).join(', ') : null;
  throw new ImportRefusal(
    'manifest_invalid',
    unknown === null
      ? `"${path.slice(0, 80)}": ${issue?.message ?? 'does not fit'}.`
      : `the manifest has unknown keys ${unknown}${path === '' ? '' : ` in "${path.slice(0, 80)}"`}. Known are ${Object.keys(path === '' ? overridesSchema.shape : path.startsWith('features') ? featureOverride.shape : path.startsWith('output') ? outputSchema.shape : { name: 1, features: 1 }).join(', ')}.`,
  );
}

/** Merges what the owner states about a feature onto what was found; an empty statement changes nothing. */
export function mergeFeature(found: Feature, overrides: ManifestOverrides): Feature {
  const stated = overrides.features?.find(({ name }) => name === found.name);
  if (stated === undefined) return found;
  const { input: _, preprocess, ...rest } = stated;
  const merged: Feature = { ...found, ...(rest as Partial<Feature>) };
  if (found.preprocess !== undefined) merged.preprocess = { ...found.preprocess, ...preprocess };
  // Values of text do not describe numbers that now come in their place. A boolean has no others.
  if (rest.encoding !== undefined && rest.values === undefined && merged.type !== 'boolean')
    merged.values = rest.encoding.map(([sent]) => sent);
  return merged;
}

/** @throws ImportRefusal manifest_invalid where one is stated of classes. */
export function toUnit(task: Manifest['task'], stated: string | undefined, found?: string): { unit?: string } {
  const unit = stated ?? (task === 'classification' ? '' : (found ?? ''));
  if (unit === '') return {};
  if (task !== 'classification') return { unit };
  throw new ImportRefusal('manifest_invalid', '"unit": only numbers that are predicted have one, classes do not.');
}

/**
 * A manifest with the owner's amendments. Features and inputs are merged by name, and none is added or taken away.
 * @throws ImportRefusal manifest_invalid where the result contradicts itself.
 */
export function mergeManifest(manifest: Manifest, overrides: ManifestOverrides): Manifest {
  const { features, inputs, preprocess, unit: statedUnit, manifest_version: _, ...rest } = overrides;
  const { unit: foundUnit, ...found } = manifest;
  checkKnown('feature', features, manifest.features);
  checkKnown('input', inputs, manifest.inputs);
  const merged = manifestSchema.safeParse({
    ...found,
    ...rest,
    ...toUnit(rest.task ?? manifest.task, statedUnit, foundUnit),
    features: manifest.features.map((feature) => {
      const merged = mergeFeature(feature, overrides);
      return merged.preprocess === undefined
        ? merged
        : { ...merged, preprocess: { ...merged.preprocess, ...preprocess } };
    }),
    inputs: manifest.inputs.map((input) => ({
      ...input,
      features: inputs?.find(({ name }) => name === input.name)?.features ?? input.features,
    })),
  });
  if (!merged.success) {
    const [issue] = merged.error.issues;
    throw new ImportRefusal('manifest_invalid', `"${issue?.path.join('.').slice(0, 80)}": ${issue?.message}.`);
  }
  try {
    createFeedPlan(merged.data);
  } catch (error) {
    throw new ImportRefusal('manifest_invalid', `${error instanceof Error ? error.message : 'it contradicts itself'}.`);
  }
  return merged.data;
}

function checkKnown(
  what: string,
  stated: readonly { name: string }[] | undefined,
  known: readonly { name: string }[],
): void {
  const other = stated?.find(({ name }) => known.every((each) => each.name !== name));
  if (other === undefined) return;
  throw new ImportRefusal(
    'manifest_invalid',
    `the model has no ${what} ${echo(other.name)}. It has ${echoList(known.map(({ name }) => name))}.`,
  );
}
