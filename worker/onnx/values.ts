// The outputs of a regressor or a forecast: which of them are the prediction, in which order.
import type { Candidate, Decision, Question } from './candidates.ts';
import { simplify } from './names.ts';
import { echo, echoList, ImportRefusal } from './refusal.ts';

export function decideValues(question: Question, task: 'regression' | 'forecasting'): Decision {
  const { candidates, labelNames } = question;
  const notes: string[] = [];
  const numbers = candidates.filter(({ kind }) => kind === 'number');
  const counted = candidates.find(
    ({ kind, width }) => kind === 'integer' && width === labelNames.length && labelNames.length > 1,
  );
  if (counted !== undefined && !numbers.some(({ width }) => width === labelNames.length)) {
    notes.push(`The output ${echo(counted.name)} holds one class number per label: they are answered as numbers.`);
    return { task, output: { value: { tensors: [counted.name] } }, classes: undefined, source: 'none', notes };
  }
  const usable = numbers.length > 0 ? numbers : candidates.filter(({ kind }) => kind === 'integer');
  if (usable.length === 0) {
    throw new ImportRefusal(
      'unsupported_output',
      `the outputs ${echoList(candidates.map(({ name }) => name))} hold no numbers, as ${task} needs. State "task": "classification" in the manifest.`,
    );
  }
  const chosen = chooseValues(usable, labelNames, notes);
  return {
    task,
    output: { value: { tensors: chosen.map(({ name }) => name) } },
    classes: undefined,
    source: 'none',
    notes,
  };
}

function chooseValues(
  usable: readonly Candidate[],
  labelNames: readonly string[],
  notes: string[],
): readonly Candidate[] {
  const [first] = usable;
  if (first === undefined || usable.length === 1) return usable;
  const wanted = Math.max(labelNames.length, 1);
  const fitting = usable.filter(({ width }) => width === wanted);
  if (labelNames.length > 1 && fitting.length === 0) {
    const total = usable.reduce((sum, { width }) => sum + (width ?? 0), 0);
    const named = labelNames.map((label) => usable.find(({ name }) => simplify(name).includes(simplify(label))));
    const all = named.filter((candidate) => candidate !== undefined);
    if (new Set(all).size === usable.length) return all;
    if (total === wanted) return usable;
  }
  const chosen =
    fitting.find(({ name }) => labelNames.some((label) => simplify(name) === simplify(label))) ??
    fitting.find(({ name }) => /pred|output|variable|forecast|value|mean|^y/i.test(name)) ??
    fitting[0] ??
    first;
  notes.push(
    `Of the outputs ${echoList(usable.map(({ name }) => name))}, ${echo(chosen.name)} was taken to be the answer. State "output": {"value": {"tensors": [...]}} in the manifest if it is another.`,
  );
  return [chosen];
}
