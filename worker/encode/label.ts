// The class a label tensor names, in the type the label has in the training data.
import type { Output, Scalar } from '../pipeline/manifest.ts';
import type { Tensor } from '../pipeline/tensor.ts';
import { checkFinite, checkWidth, toInvalidOutput, toPrintable } from './numbers.ts';

export type LabelOutput = NonNullable<Output['label']>;
export type LabelReader = (tensor: Tensor, rows: number, firstRow: number) => (Scalar | bigint)[];

export function createLabelReader(output: LabelOutput, classes: readonly Scalar[]): LabelReader {
  const known = mapClasses(classes);
  return (tensor, rows, firstRow) => {
    checkWidth(tensor, rows, output.tensor, 1);
    if (output.holds === 'index') return readIndexes(tensor, output.tensor, classes, firstRow);
    if (Array.isArray(tensor.data)) return tensor.data.map((value) => known.get(value) ?? value);
    const values = toPrintable(tensor, output.tensor);
    const isBoolean = tensor.dtype === 'bool';
    return Array.from(values, (value, index) => {
      if (typeof value === 'number') checkFinite(value, output.tensor, firstRow + index);
      return known.get(String(value)) ?? (isBoolean ? value !== 0 : value);
    });
  };
}

/** Graphs spell a class in their own way: 1 or "1" or 1.0 for 1, 1 or "True" for true. */
function mapClasses(classes: readonly Scalar[]): Map<string, Scalar> {
  const known = new Map<string, Scalar>(classes.map((each) => [String(each), each]));
  for (const each of classes) {
    for (const alias of toAliases(each)) if (!known.has(alias)) known.set(alias, each);
  }
  return known;
}

function toAliases(value: Scalar): string[] {
  if (value === true || value === 'true' || value === 'True') return ['true', 'True', '1'];
  if (value === false || value === 'false' || value === 'False') return ['false', 'False', '0'];
  if (typeof value === 'number') return Number.isInteger(value) ? [`${value}.0`] : [];
  const number = value.trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) ? [String(number)] : [];
}

function readIndexes(tensor: Tensor, name: string, classes: readonly Scalar[], firstRow: number): Scalar[] {
  const indexes = toPrintable(tensor, name);
  return Array.from(indexes, (index, row) => {
    const found = classes[Number(index)];
    if (found !== undefined) return found;
    throw toInvalidOutput(`"${name}" is ${index} for row ${firstRow + row}, there are ${classes.length} classes`);
  });
}
