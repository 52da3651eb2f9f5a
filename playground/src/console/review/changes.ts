// A draft against the manifest it came from: only what was changed, as PATCH takes it, or what is wrong and where.
import type { Feature, Manifest, Scalar } from '../../../../worker/contract.ts';
import { toClassChanges } from './classes.ts';
import { type FeatureDraft, getUnit, type ManifestDraft, toDraft } from './draft.ts';
import { toImageChanges } from './image-changes.ts';
import { parseValue } from './values.ts';

export interface Changes {
  /** Empty: nothing was changed. */
  readonly overrides: Readonly<Record<string, unknown>>;
  /** By field: `classes`, `features.age.default`, … */
  readonly faults: ReadonlyMap<string, string>;
}

export type Fault = (field: string, message: string) => void;

export function toChanges(manifest: Manifest, draft: ManifestDraft): Changes {
  const faults = new Map<string, string>();
  const fault: Fault = (field, message) => void faults.set(field, message);
  const before = toDraft(manifest);
  const features = manifest.features.flatMap((feature, i) => {
    const [was, is] = [before.features[i], draft.features[i]];
    if (was === undefined || is === undefined) return [];
    const changed = { ...toFeatureChanges(feature, was, is, fault), ...toImageChanges(feature, was, is, fault) };
    return Object.keys(changed).length === 0 ? [] : [{ name: feature.name, ...changed }];
  });
  const overrides = {
    ...(draft.task === manifest.task ? {} : { task: draft.task }),
    ...(isSame(draft.label, before.label) ? {} : { label: toLabel(draft.label) }),
    ...toClassChanges(manifest, draft.classes, (message) => fault('classes', message)),
    ...(draft.unit.trim() === getUnit(manifest) ? {} : { unit: draft.unit.trim() }),
    ...(features.length === 0 ? {} : { features }),
  };
  return { overrides, faults };
}

function toLabel(names: readonly string[]): string | string[] {
  const [first] = names;
  return names.length === 1 && first !== undefined ? first : [...names];
}

function toFeatureChanges(feature: Feature, was: FeatureDraft, is: FeatureDraft, fault: Fault): object {
  const value = (key: 'default' | 'example'): object => {
    if (is[key] === was[key]) return {};
    const field = `features.${feature.name}.${key}`;
    if (is[key].trim() === '') {
      // An example may be null; of a default nothing says that it is gone.
      if (key === 'example') return { example: null };
      fault(field, 'A default can be changed, not taken away: upload a new version without it.');
      return {};
    }
    const parsed = parseValue(feature, is[key]);
    if (parsed.ok) return { [key]: parsed.value satisfies Scalar | Scalar[] };
    fault(field, parsed.message);
    return {};
  };
  return {
    ...(is.unit.trim() === was.unit ? {} : { unit: is.unit.trim() }),
    ...(is.description.trim() === was.description ? {} : { description: is.description.trim() }),
    ...(is.optional === was.optional ? {} : { optional: is.optional }),
    ...value('default'),
    ...value('example'),
  };
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}
