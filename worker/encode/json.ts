// Answers as JSON, compact and byte for byte stable: `prediction`, `probability`, then what `$include` asked for.
import type { Scalar } from '../pipeline/manifest.ts';
import type { Answer } from './answer.ts';
import type { AnswerEncoder } from './encoder.ts';

export interface JsonOptions {
  /** In the order of the probabilities; without them there is nothing to include. */
  readonly classes?: readonly Scalar[] | undefined;
  readonly includeClasses?: boolean;
  /** Every class with its probability, best first. */
  readonly includeTop?: boolean;
}

export type AnswerWriter = (answer: Answer) => string;

/** Compiles what is equal in every answer. */
export function createAnswerWriter(options: JsonOptions = {}): AnswerWriter {
  const names = (options.classes ?? []).map((each) => JSON.stringify(each));
  const known = new Map<unknown, string>(options.classes?.map((each, index) => [each, names[index] ?? '']));
  const tail = options.includeClasses && names.length > 0 ? `,"classes":[${names.join(',')}]` : '';
  const isTop = options.includeTop === true && names.length > 0;
  return ({ prediction, probability }) => {
    const head = `{"prediction":${known.get(prediction) ?? toJson(prediction)}`;
    if (probability === undefined) return `${head}${tail}}`;
    const top = isTop ? `,"top":[${rank(probability, names)}]` : '';
    return `${head},"probability":[${probability.join(',')}]${tail}${top}}`;
  };
}

/** Many answers as one array. An error inside it is its last element, so that what was sent is valid JSON. */
export function createJsonEncoder(options: JsonOptions = {}): AnswerEncoder {
  const write = createAnswerWriter(options);
  let separator = '';
  return {
    contentType: 'application/json',
    begin: () => '[',
    rows(answers) {
      let text = '';
      for (const answer of answers) {
        text += separator + write(answer);
        separator = ',';
      }
      return text;
    },
    fail: (body) => `${separator}${JSON.stringify(body)}]`,
    end: () => ']',
  };
}

function toJson(value: Answer['prediction']): string {
  if (typeof value === 'string') return JSON.stringify(value);
  // Numbers are finite here, and a bigint prints its digits.
  return Array.isArray(value) ? `[${value.join(',')}]` : String(value);
}

function rank(probability: readonly number[], classes: readonly string[]): string {
  const order = Array.from(probability.keys()).sort((a, b) => (probability[b] ?? 0) - (probability[a] ?? 0));
  return order.map((index) => `{"class":${classes[index]},"probability":${probability[index]}}`).join(',');
}
