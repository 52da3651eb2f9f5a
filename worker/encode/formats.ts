// Chooses how answers are written: one of three formats, for one row or for many.
import type { Manifest } from '../pipeline/manifest.ts';
import { createCsvEncoder } from './csv.ts';
import type { AnswerEncoder } from './encoder.ts';
import { createAnswerWriter, createJsonEncoder, type JsonOptions } from './json.ts';
import { createNdjsonEncoder } from './ndjson.ts';

/** What can be asked for in `Accept`; the first is the default. */
export const ANSWER_TYPES = ['application/json', 'text/csv', 'application/x-ndjson'] as const;
export type AnswerType = (typeof ANSWER_TYPES)[number];

export function createEncoder(
  type: AnswerType,
  manifest: Manifest,
  many: boolean,
  include: { classes: boolean; top: boolean },
): AnswerEncoder {
  const options = { classes: manifest.classes, includeClasses: include.classes, includeTop: include.top };
  switch (type) {
    case 'application/json':
      return many ? createJsonEncoder(options) : createObjectEncoder(options);
    case 'text/csv':
      return createCsvEncoder(manifest);
    case 'application/x-ndjson':
      return createNdjsonEncoder(options);
  }
}

/** The answer to one row: an object by itself. */
function createObjectEncoder(options: JsonOptions): AnswerEncoder {
  const write = createAnswerWriter(options);
  return {
    contentType: 'application/json',
    begin: () => '',
    rows: ([answer]) => (answer === undefined ? '' : write(answer)),
    fail: (body) => JSON.stringify(body),
    end: () => '',
  };
}
