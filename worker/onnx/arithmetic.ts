// Arithmetic on the few constant numbers that shapes are computed from.
import { type Abstract, broadcast, product, toValued } from './abstract.ts';

const UNARY: Readonly<Record<string, (a: number) => number>> = {
  Abs: Math.abs,
  Neg: (a) => -a,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Round: Math.round,
  Sqrt: Math.sqrt,
  Sign: Math.sign,
  Reciprocal: (a) => 1 / a,
  Not: (a) => (a === 0 ? 1 : 0),
  Cast: (a) => a,
  CastLike: (a) => a,
};

/** Division is left out: whether it rounds depends on the type, so both are tried by the caller's bounds. */
const BINARY: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Pow: (a, b) => a ** b,
  Max: Math.max,
  Min: Math.min,
  Mod: (a, b) => a - Math.floor(a / b) * b,
  Equal: (a, b) => Number(a === b),
  Greater: (a, b) => Number(a > b),
  GreaterOrEqual: (a, b) => Number(a >= b),
  Less: (a, b) => Number(a < b),
  LessOrEqual: (a, b) => Number(a <= b),
  And: (a, b) => Number(a !== 0 && b !== 0),
  Or: (a, b) => Number(a !== 0 || b !== 0),
  // Rounding to whole numbers where both are whole, as the integer types that shapes are of do.
  Div: (a, b) => (Number.isInteger(a) && Number.isInteger(b) && b !== 0 ? Math.trunc(a / b) : a / b),
};

const REDUCTIONS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  ReduceSum: (values) => values.reduce((a, b) => a + b, 0),
  ReduceProd: (values) => values.reduce((a, b) => a * b, 1),
  ReduceMax: (values) => Math.max(...values),
  ReduceMin: (values) => Math.min(...values),
};

/** @returns the values, where all inputs have known ones and the operator is plain arithmetic. */
export function toArithmetic(op: string, inputs: readonly (Abstract | undefined)[]): Abstract | null {
  const [first, second, third] = inputs;
  if (first?.values == null || first.dims === null) return null;
  const reduction = REDUCTIONS[op];
  if (reduction !== undefined)
    return first.dims.length <= 1 && inputs.length === 1 && first.values.length > 0
      ? toValued([reduction(first.values)], [])
      : null;
  const unary = UNARY[op];
  if (unary !== undefined) return toValued(first.values.map(unary), first.dims);
  if (op === 'Where') return chooseValues(first, second, third);
  const binary = BINARY[op];
  if (binary === undefined || second?.values == null || second.dims === null || third !== undefined) return null;
  return stretch([first, second], ([a = 0, b = 0]) => binary(a, b));
}

function chooseValues(condition: Abstract, yes: Abstract | undefined, no: Abstract | undefined): Abstract | null {
  if (yes?.values == null || no?.values == null) return null;
  return stretch([condition, yes, no], ([test = 0, a = 0, b = 0]) => (test !== 0 ? a : b));
}

/** Lists and scalars only: no shape computation uses more. */
function stretch(inputs: readonly Abstract[], compute: (values: number[]) => number): Abstract | null {
  let dims: readonly number[] | null = [];
  for (const input of inputs) {
    if (dims === null || input.dims === null || input.dims.length > 1) return null;
    dims = broadcast(dims, input.dims);
  }
  if (dims === null) return null;
  return toValued(
    Array.from({ length: product(dims) }, (_, i) =>
      compute(inputs.map(({ values }) => values?.[values.length === 1 ? 0 : i] ?? 0)),
    ),
    dims,
  );
}
