// A small CSV that the pipeline answers, for those who have none at hand: the schema's example, and rows within what
// training has seen. The same schema gives the same file. Pure.
import Papa from 'papaparse';
import type { FeatureSchema, PipelineSchema, Scalar } from '../../../worker/contract.ts';

const SEED = 5241;

export function toSampleCsv({ features, example }: PipelineSchema, rows: number): string {
  const random = createRandom(SEED);
  const names = features.map(({ name }) => name);
  const table = Array.from({ length: rows }, (_, i) =>
    features.map((feature) => {
      const known = example.json[feature.name];
      return toCell(i === 0 ? known : vary(feature, known, random));
    }),
  );
  return `${Papa.unparse([names, ...table], { newline: '\n' })}\n`;
}

type Value = Scalar | Scalar[] | undefined;

function vary({ type, values, range }: FeatureSchema, known: Value, random: () => number): Value {
  if (Array.isArray(known)) return varyVector(known, random);
  if (type === 'boolean') return random() < 0.5;
  if (values !== undefined && values.length > 0) return values[Math.floor(random() * values.length)];
  if (type === 'string' || range === undefined) return known;
  // The mean of two: the ends of a range are rare in data, and so are they here.
  const value = range.min + ((random() + random()) / 2) * (range.max - range.min);
  return type === 'integer' ? Math.round(value) : roundTo(value, range.max - range.min);
}

/** Larger or smaller as a whole, and each number a little: a series keeps its shape. */
function varyVector(known: readonly Scalar[], random: () => number): Scalar[] {
  const scale = 0.7 + 0.6 * random();
  const isWhole = known.every((each) => Number.isInteger(each));
  return known.map((each) => {
    if (typeof each !== 'number') return each;
    const value = each * scale * (0.95 + 0.1 * random());
    return isWhole ? Math.round(value) : roundTo(value, each);
  });
}

/** Three digits of what it varies by. */
function roundTo(value: number, size: number): number {
  const decimals = size === 0 ? 2 : 2 - Math.floor(Math.log10(Math.abs(size)));
  return Number(value.toFixed(Math.min(Math.max(decimals, 0), 20)));
}

function toCell(value: Value): string {
  if (value === undefined) return '';
  return Array.isArray(value) ? JSON.stringify(value) : String(value);
}

/** Mulberry32: small, and good enough for examples. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
