// Answers line by line, each the JSON it would be alone; an error is the last line.
import type { AnswerEncoder } from './encoder.ts';
import type { AnswerWriter } from './json.ts';

export function createNdjsonEncoder(write: AnswerWriter): AnswerEncoder {
  return {
    contentType: 'application/x-ndjson',
    begin: () => '',
    rows(answers) {
      let text = '';
      for (const answer of answers) text += `${write(answer)}\n`;
      return text;
    },
    fail: (body) => `${JSON.stringify(body)}\n`,
    end: () => '',
  };
}
