// From a pipeline's schema to what a form shows: kinds of fields, their steps, and rows to begin with. Pure.
import type { FeatureSchema, PipelineSchema, Scalar } from '../../../worker/contract.ts';
import type { Row, RowValue } from '../row.ts';

export type FieldKind = 'number' | 'choice' | 'switch' | 'text' | 'vector' | 'image';

/** Up to as many words lie open; more go into a list. */
const OPEN_CHOICES = 4;
/** Characters that open choices may have together: they stand in one line of a narrow form. */
const OPEN_CHARACTERS = 36;

export function toFieldKind({ type, length, values }: FeatureSchema): FieldKind {
  if (type === 'image') return 'image';
  if (length !== undefined) return 'vector';
  if (values !== undefined && values.length > 0 && type !== 'boolean') return 'choice';
  if (type === 'boolean') return 'switch';
  return type === 'string' ? 'text' : 'number';
}

/** Whether all the choices can lie open side by side. */
export function isOpenChoice(values: readonly Scalar[]): boolean {
  return values.length <= OPEN_CHOICES && values.map(String).join('').length <= OPEN_CHARACTERS;
}

/** A slider's step: about 100 to 500 of them over the range, in 1, 2 or 5 times a power of ten. */
export function toStep({ type, range }: FeatureSchema): number {
  if (type === 'integer' || range === undefined || range.max <= range.min) return 1;
  const raw = (range.max - range.min) / 250;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10;
  return step * power;
}

/** A number in as many decimals as its step has. */
export function toText(value: number, step: number): string {
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return String(Number(value.toFixed(decimals)));
}

/** The row the form begins with: the schema's example, and no image yet. */
export function toExampleRow({ features, example }: PipelineSchema): Row {
  return Object.fromEntries(features.map((feature) => [feature.name, toValue(feature, example.json[feature.name])]));
}

/** Another row: each value at chance within what training has seen. */
export function toChanceRow(schema: PipelineSchema, random: () => number): Row {
  return Object.fromEntries(
    schema.features.map((feature): [string, RowValue] => {
      const { name, type, values, range } = feature;
      const fallback = toValue(feature, schema.example.json[name]);
      switch (toFieldKind(feature)) {
        case 'choice':
          return [name, values?.[Math.floor(random() * values.length)] ?? fallback];
        case 'switch':
          return [name, random() < 0.5];
        case 'number':
          if (range === undefined) return [name, fallback];
          return [name, toText(nearMiddle(range, random) + 0, type === 'integer' ? 1 : toStep(feature))];
        default:
          return [name, Array.isArray(fallback) ? toChanceVector(fallback, random) : fallback];
      }
    }),
  );
}

/** The mean of two chances: ends of a range are rare in data, and so are they here. */
function nearMiddle({ min, max }: { min: number; max: number }, random: () => number): number {
  return min + ((random() + random()) / 2) * (max - min);
}

function toChanceVector(example: readonly number[], random: () => number): number[] {
  return example.map((value) => Number((value * (0.8 + 0.4 * random())).toPrecision(4)));
}

function toValue({ type }: FeatureSchema, example: Scalar | Scalar[] | undefined): RowValue {
  if (type === 'image' || example === undefined) return null;
  if (Array.isArray(example)) return example.map(Number);
  if (type === 'boolean') return example === true || example === 1 || example === 'true';
  return typeof example === 'number' ? String(example) : example;
}

/** What keeps a row from being sent: the names of its features that are needed and empty. */
export function findEmpty(schema: PipelineSchema, row: Row): string[] {
  return schema.features
    .filter(({ name, optional }) => !optional && (row[name] === null || row[name] === undefined))
    .map(({ name }) => name);
}
