// What was found and what the owner states, put together as a manifest.
import { z } from 'zod';
import { type Manifest, manifestSchema } from '../pipeline/manifest.ts';
import type { Candidate, Decision } from './candidates.ts';
import { isForecast } from './forecast.ts';
import type { OnnxModel } from './graph.ts';
import type { Layout } from './layout.ts';
import { decideOutputs } from './outputs.ts';
import { type ManifestOverrides, toUnit } from './overrides.ts';
import { ImportRefusal } from './refusal.ts';
import type { ZipMap } from './rewrite.ts';
import type { Column } from './training.ts';
import type { Shape } from './trial.ts';

export function decide(question: {
  model: OnnxModel;
  zipMaps: readonly ZipMap[];
  candidates: readonly Candidate[];
  labels: readonly Column[];
  label: readonly string[];
  layout: Layout;
  overrides: ManifestOverrides;
  decimalComma: boolean;
}): Decision {
  const { model, zipMaps, candidates, labels, label, layout, overrides, decimalComma } = question;
  const forecast =
    layout.series !== null ||
    isForecast(
      model.graph,
      layout.features.map(({ name }) => name),
      label,
    );
  try {
    return decideOutputs({
      model,
      zipMaps,
      candidates,
      labels,
      labelNames: label,
      decimalComma,
      forecast,
      task:
        overrides.task ?? (overrides.output?.value === undefined ? undefined : forecast ? 'forecasting' : 'regression'),
      classes: overrides.classes,
    });
  } catch (error) {
    const { output, task, classes } = overrides;
    if (output === undefined || !(error instanceof ImportRefusal)) throw error;
    return {
      task: task ?? (output.value === undefined ? 'classification' : 'regression'),
      output,
      classes,
      source: classes === undefined ? 'none' : 'owner',
      notes: [],
    };
  }
}

export function toManifest(
  shape: Shape,
  decision: Decision,
  overrides: ManifestOverrides,
  zipMaps: readonly ZipMap[],
): Manifest {
  const cut = (name: string) => zipMaps.find(({ output }) => output === name)?.tensor ?? name;
  const stated = overrides.output;
  const output =
    stated === undefined ? decision.output : { ...(stated.value === undefined ? decision.output : {}), ...stated };
  const probability =
    output.probability === undefined
      ? undefined
      : { ...output.probability, tensors: output.probability.tensors.map(cut) };
  const parsed = manifestSchema.safeParse({
    manifest_version: 1,
    task: decision.task,
    ...shape,
    ...toUnit(decision.task, overrides.unit),
    ...(decision.task === 'classification' && decision.classes !== undefined ? { classes: decision.classes } : {}),
    output: { ...output, ...(probability === undefined ? {} : { probability }) },
  });
  if (parsed.success) return parsed.data;
  throw new ImportRefusal(
    'manifest_invalid',
    `the manifest that follows from the model does not fit: ${z.prettifyError(parsed.error).slice(0, 300)}`,
  );
}

export function getHorizon(candidates: readonly Candidate[], manifest: Manifest): number {
  const names = manifest.output.value?.tensors ?? [];
  return Math.max(
    1,
    names.reduce((sum, name) => sum + (candidates.find((candidate) => candidate.name === name)?.width ?? 1), 0),
  );
}
