// Answers line by line, each the JSON it would be alone; an error is the last line.
import type { AnswerEncoder } from './encoder.ts';
import { createAnswerWriter, type JsonOptions } from './json.ts';

export function createNdjsonEncoder(options: JsonOptions = {}): AnswerEncoder {
  const write = createAnswerWriter(options);
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
