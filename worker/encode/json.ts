// Answers as JSON, compact and byte for byte stable: `prediction`, `probability`, then what `$include` asked for.
import type { Scalar } from '../pipeline/manifest.ts';
import type { Answer } from './answer.ts';
import type { AnswerEncoder, Included } from './encoder.ts';

export type AnswerWriter = (answer: Answer) => string;

/** Compiles what is equal in every answer. Without classes, or without probabilities, there is nothing to include. */
export function createAnswerWriter(classes: readonly Scalar[], include: Included): AnswerWriter {
  const names = classes.map((each) => JSON.stringify(each));
  const tail = include.classes && names.length > 0 ? `,"classes":[${names.join(',')}]` : '';
  const isTop = include.top && names.length > 0;
  return ({ prediction, probability }) => {
    const head = `{"prediction":${toJson(prediction)}`;
    if (probability === undefined) return `${head}${tail}}`;
    const top = isTop ? `,"top":[${rank(probability, names)}]` : '';
    return `${head},"probability":[${probability.join(',')}]${tail}${top}}`;
  };
}

/** The one answer of one row, as an object. */
export function createSingleEncoder(write: AnswerWriter): AnswerEncoder {
  return {
    contentType: 'application/json',
    begin: () => '',
    rows: (answers) => answers.map(write).join(''),
    fail: (body) => JSON.stringify(body),
    end: () => '',
  };
}

/** Many answers as one array. An error inside it is its last element, so that what was sent is valid JSON. */
export function createJsonEncoder(write: AnswerWriter): AnswerEncoder {
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
