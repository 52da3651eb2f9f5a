// Classes renamed or put into another order. A model that answers the class itself cannot answer a new name: its output
// is then read by position, or from the probabilities.
import type { Manifest, Scalar } from '../../../../worker/contract.ts';
import type { ClassDraft } from './draft.ts';

/** @returns the overrides of `classes` and, where a rename needs it, of `output`. */
export function toClassChanges(
  manifest: Manifest,
  drafts: readonly ClassDraft[],
  fault: (message: string) => void,
): { classes?: Scalar[]; output?: Manifest['output'] } {
  const before = manifest.classes ?? [];
  if (drafts.every(({ text }, i) => text === String(before[i]))) return {};
  const texts = drafts.map(({ text }) => text.trim());
  if (texts.includes('')) fault('Every class has a name.');
  else if (new Set(texts).size < texts.length) fault('Two classes have the same name.');
  const classes = toScalars(before, drafts);
  const renamed = texts.some((text) => before.every((value) => String(value) !== text));
  return { classes, ...(renamed ? toOutput(manifest, before, fault) : {}) };
}

/** Names that stay keep their type; numbers stay numbers while all of them are. */
function toScalars(before: readonly Scalar[], drafts: readonly ClassDraft[]): Scalar[] {
  const kept = drafts.map(({ text }) => before.find((value) => String(value) === text.trim()));
  if (kept.every((value) => value !== undefined)) return kept;
  const numbers = before.every((value) => typeof value === 'number');
  const stay = numbers && drafts.every(({ text }) => text.trim() !== '' && Number.isFinite(Number(text)));
  return drafts.map(({ text }) => (stay ? Number(text) : text.trim()));
}

function toOutput(
  { output }: Manifest,
  before: readonly Scalar[],
  fault: (message: string) => void,
): { output?: Manifest['output'] } {
  const { label, ...rest } = output;
  if (label?.holds !== 'class') return {};
  if (before.every((value, i) => value === i)) return { output: { ...rest, label: { ...label, holds: 'index' } } };
  if (rest.probability !== undefined) return { output: rest };
  fault('This model answers its classes by name and has no probabilities: they can be put in order, not renamed.');
  return {};
}
