// Which outputs hold a classifier's probabilities, and what makes probabilities of their numbers.
import type { Output, Scalar } from '../pipeline/manifest.ts';
import type { Candidate, Question } from './candidates.ts';
import { simplify } from './names.ts';
import { echo, echoList } from './refusal.ts';
import type { Tracer } from './trace.ts';

export function findProbability(
  question: Question,
  floats: readonly Candidate[],
  classes: readonly Scalar[],
  label: Candidate | null,
  tracer: Tracer,
  notes: string[],
): Output['probability'] {
  const zipped = question.zipMaps[0]?.tensor;
  const vectors = floats.filter(({ width, name }) => width === classes.length || (name === zipped && width === null));
  const vector =
    vectors.find(({ name }) => name === zipped) ??
    choose(vectors, tracer) ??
    floats.find(({ width }) => width === null);
  if (vector !== undefined && classes.length > 1) {
    if (floats.length > 1)
      notes.push(
        `Of the outputs ${echoList(floats.map(({ name }) => name))}, ${echo(vector.name)} was taken to hold the classes.`,
      );
    const activation = decideVector(question, vector, label, tracer, notes);
    return { tensors: [vector.name], form: 'vector', activation };
  }
  const singles = floats.filter(({ width }) => width === 1);
  if (singles.length === classes.length && classes.length > 1) {
    const ordered = orderByClass(singles, classes);
    return {
      tensors: ordered.map(({ name }) => name),
      form: 'columns',
      activation: decideColumns(ordered, label, tracer, notes),
    };
  }
  const single = choose(singles, tracer);
  if (single === undefined || classes.length !== 2) return undefined;
  const activation = decidePositive(question, single, label, tracer, notes);
  return { tensors: [single.name], form: 'positive', activation };
}

/** Of several outputs of the right width the one that is most plainly made to be read. */
function choose(candidates: readonly Candidate[], tracer: Tracer): Candidate | undefined {
  const rank = (candidate: Candidate): number => {
    const making = tracer.getMaking(candidate.name);
    const made =
      making === 'probability' || making === 'sigmoid'
        ? 8
        : making === 'log_probability'
          ? 6
          : making === 'raw'
            ? 4
            : 0;
    const summed = candidate.produced !== null && isNormalised([candidate]) ? 8 : 0;
    const named = /prob|softmax/i.test(candidate.name)
      ? 3
      : /logit|score|output|class|pred/i.test(candidate.name)
        ? 1
        : 0;
    return made + summed + named;
  };
  return [...candidates].sort((a, b) => rank(b) - rank(a))[0];
}

function orderByClass(singles: readonly Candidate[], classes: readonly Scalar[]): readonly Candidate[] {
  const ordered = classes.map((value) => {
    const ending = simplify(String(value));
    const named = singles.filter(({ name }) => ending !== '' && simplify(name).endsWith(ending));
    return named.length === 1 ? named[0] : undefined;
  });
  const complete = ordered.filter((candidate) => candidate !== undefined);
  return new Set(complete).size === singles.length ? complete : singles;
}

type Activation = NonNullable<Output['probability']>['activation'];

function isScikit({ model }: Question): boolean {
  return /skl2onnx|onnxmltools|onnxconverter/i.test(model.producer) || model.opsets.has('ai.onnx.ml');
}

function decideVector(
  question: Question,
  { name, produced, width, kind }: Candidate,
  label: Candidate | null,
  tracer: Tracer,
  notes: string[],
): Activation {
  const making = tracer.getMaking(name);
  const scores = label !== null && isScikit(question);
  if (produced !== null) {
    if (isNormalised([{ name, kind, width, produced }])) return 'none';
    if (making === 'log_probability') return 'softmax';
    if (scores) {
      notes.push(
        `The output ${echo(name)} holds decision scores, not probabilities (its rows do not sum to 1): predictions come without probabilities.`,
      );
      return 'scores';
    }
    if (making === 'sigmoid') {
      notes.push(
        `The output ${echo(name)} holds one sigmoid per class, which do not sum to 1: predictions come without probabilities.`,
      );
      return 'scores';
    }
    notes.push(`The output ${echo(name)} holds logits: softmax makes probabilities of them.`);
    return 'softmax';
  }
  if (making === 'probability') return 'none';
  if (making === 'log_probability') return 'softmax';
  if (scores) return making === 'raw' ? 'scores' : 'none';
  if (making === 'sigmoid') return 'scores';
  notes.push(`Without a test run the output ${echo(name)} was taken to hold logits.`);
  return 'softmax';
}

function decideColumns(
  columns: readonly Candidate[],
  label: Candidate | null,
  tracer: Tracer,
  notes: string[],
): Activation {
  if (isNormalised(columns)) return 'none';
  if (columns.some(({ produced }) => produced === null))
    return columns.every(({ name }) => tracer.getMaking(name) === 'raw') ? 'scores' : 'none';
  notes.push('The outputs per class do not sum to 1: predictions come without probabilities.');
  return label === null ? 'softmax' : 'scores';
}

function decidePositive(
  question: Question,
  { name, produced }: Candidate,
  label: Candidate | null,
  tracer: Tracer,
  notes: string[],
): Activation {
  const making = tracer.getMaking(name);
  if (making === 'sigmoid' || making === 'probability') return 'none';
  const inside = produced?.values.every((value) => typeof value === 'number' && value >= -1e-6 && value <= 1 + 1e-6);
  if (inside !== true && label !== null && isScikit(question)) {
    notes.push(
      `The output ${echo(name)} holds decision scores, not probabilities: predictions come without probabilities.`,
    );
    return 'scores';
  }
  if (making === 'raw' || inside === false) {
    notes.push(`The output ${echo(name)} holds a logit of the second class: sigmoid makes a probability of it.`);
    return 'sigmoid';
  }
  return 'none';
}

/** float16 sums stray by this much. */
const SUM_TOLERANCE = 5e-3;

/** Whether each row of the outputs together lies in 0…1 and sums to 1. */
function isNormalised(columns: readonly Candidate[]): boolean {
  const values = columns.map(({ produced }) => produced?.values ?? []);
  const width = columns[0]?.produced?.width ?? 0;
  const rows = width === 0 ? 0 : (values[0]?.length ?? 0) / width;
  for (let r = 0; r < rows; r += 1) {
    let sum = 0;
    for (const column of values) {
      for (let i = r * width; i < (r + 1) * width; i += 1) {
        const value = Number(column[i]);
        if (!(value >= -1e-5 && value <= 1 + 1e-3)) return false;
        sum += value;
      }
    }
    if (Math.abs(sum - 1) > SUM_TOLERANCE) return false;
  }
  return rows > 0;
}
