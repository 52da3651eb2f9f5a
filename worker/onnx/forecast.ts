// Whether a model of numbers forecasts: a window of past values goes in, or the label lies ahead in time.
import { type Graph, getFedInputs } from './graph.ts';

const PAST =
  /^(?:lag|lags?_?t|t_?minus|t|minus|day|week|month|hour|quarter|year|m|d|h|w|prev|past|last|history|window|step|value|day_?minus|month_?minus|week_?minus|hour_?minus)$/;
/** Columns that say that they lie behind, also beside others (month, weekday). */
const LAG = /(?:^|[\s_.-])(?:lags?|t_?minus|minus|prev|previous|t-)[\s_.-]*\d+/i;
const AHEAD = /(?:^|[^a-z])(?:next|ahead|horizon|forecast|future|tomorrow)|plus_?\d+$|t\+\d+$|\+\d+$/i;
const WINDOW = /^(?:window|history|sequence|series|past|lags?)/i;

export function isForecast(graph: Graph, features: readonly string[], labels: readonly string[]): boolean {
  const inputs = getFedInputs(graph);
  const [only] = inputs;
  const counted = isCounted(features);
  const lags = features.filter((name) => LAG.test(name));
  if (lags.length >= 3 && lags.length * 2 >= features.length) return true;
  if (counted && PAST.test(getStem(features[0] ?? ''))) return true;
  if (counted && labels.some((name) => AHEAD.test(name))) return true;
  if (inputs.length !== 1 || only === undefined) return false;
  const isSequence = only.type.kind === 'tensor' && only.type.shape?.length === 3;
  return (
    (counted || features.length === 1) &&
    (isSequence || WINDOW.test(only.name)) &&
    features.length + (isSequence ? 1 : 0) > 1
  );
}

function getStem(name: string): string {
  return name
    .toLowerCase()
    .replace(/[\s_.([-]*[-+]?\d+[\])]?$/, '')
    .replace(/[\s.-]+/g, '_');
}

/** lag_12 … lag_1, m01 … m12: the same word with consecutive numbers. */
function isCounted(names: readonly string[]): boolean {
  if (names.length < 3) return false;
  const stem = getStem(names[0] ?? '');
  const numbers = names.map((name) =>
    getStem(name) === stem ? Number(/\d+(?=\D*$)/.exec(name)?.[0] ?? Number.NaN) : Number.NaN,
  );
  const step = (numbers[1] ?? 0) - (numbers[0] ?? 0);
  return Math.abs(step) === 1 && numbers.every((number, i) => i === 0 || number - (numbers[i - 1] ?? 0) === step);
}
