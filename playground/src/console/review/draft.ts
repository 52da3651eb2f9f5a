// A manifest as its form holds it: what an owner may amend, as text.
import type { Feature, Manifest } from '../../../../worker/contract.ts';
import type { Task } from '../words.ts';
import { toFieldText } from './values.ts';

export type Preprocess = NonNullable<Feature['preprocess']>;

/** `keep`: another scale than those that have a name. */
export type ScaleName = '0..1' | '-1..1' | '0..255' | 'keep';

export interface ImageDraft {
  readonly scale: ScaleName;
  readonly mean: string;
  readonly std: string;
  readonly color: Preprocess['color'];
  readonly resize: Preprocess['resize'];
  readonly filter: Preprocess['filter'];
}

export interface FeatureDraft {
  readonly unit: string;
  readonly description: string;
  readonly optional: boolean;
  readonly default: string;
  readonly example: string;
  readonly image: ImageDraft | null;
}

export interface ClassDraft {
  readonly text: string;
  /** Where it stood before. */
  readonly origin: number;
}

export interface ManifestDraft {
  readonly task: Task;
  readonly label: readonly string[];
  readonly classes: readonly ClassDraft[];
  /** Of the prediction. */
  readonly unit: string;
  /** In the order of the manifest's. */
  readonly features: readonly FeatureDraft[];
}

/** Name, factor, offset. */
export const SCALES: readonly (readonly [ScaleName, number, number])[] = [
  ['0..1', 1 / 255, 0],
  ['-1..1', 2 / 255, -1],
  ['0..255', 1, 0],
];

export function toDraft(manifest: Manifest): ManifestDraft {
  return {
    task: manifest.task,
    label: [manifest.label ?? []].flat(),
    classes: (manifest.classes ?? []).map((value, origin) => ({ text: String(value), origin })),
    unit: getUnit(manifest),
    features: manifest.features.map(toFeatureDraft),
  };
}

export function getUnit(manifest: Manifest): string {
  return manifest.unit ?? '';
}

function toFeatureDraft(feature: Feature): FeatureDraft {
  return {
    unit: feature.unit ?? '',
    description: feature.description ?? '',
    optional: feature.optional === true,
    default: toFieldText(feature.default),
    example: toFieldText(feature.example),
    image: feature.preprocess === undefined ? null : toImageDraft(feature.preprocess),
  };
}

function toImageDraft({ scale, offset, mean, std, color, resize, filter }: Preprocess): ImageDraft {
  const named = SCALES.find(([, factor, start]) => Math.abs(factor - scale) < 1e-9 && start === offset);
  return {
    scale: named?.[0] ?? 'keep',
    mean: toFieldText(mean),
    std: toFieldText(std),
    color,
    resize,
    filter,
  };
}
