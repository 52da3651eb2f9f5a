// What can be taken home: the answers as they came, and the file with the predictions beside its rows. Both are kept as
// Blobs, which the browser moves out of the page's memory.
import type { PipelineSchema } from '../../../worker/contract.ts';
import { createJoin } from './join.ts';
import type { Answered } from './run.ts';

const TYPE = 'text/csv;charset=utf-8';

export interface Download {
  readonly name: string;
  toBlob(): Blob;
}

export interface Downloads {
  readonly answers: Download;
  readonly joined: Download;
}

export interface DownloadsBuilder extends Downloads {
  add(answered: Answered): void;
}

export function createDownloads(schema: PipelineSchema, fileName: string): DownloadsBuilder {
  const join = createJoin(schema);
  const answers: Blob[] = [];
  const joined: Blob[] = [];
  return {
    answers: { name: 'answers.csv', toBlob: () => new Blob(answers, { type: TYPE }) },
    joined: { name: toJoinedName(fileName), toBlob: () => new Blob(joined, { type: TYPE }) },
    add(answered) {
      const { header, lines } = answered.answers;
      const head = answers.length === 0 ? `${header}\n` : '';
      answers.push(new Blob([head + lines.map((line) => `${line}\n`).join('')]));
      joined.push(new Blob([join(answered)]));
    },
  };
}

function toJoinedName(fileName: string): string {
  const [, stem, ending] = /^(.+?)(\.\w{1,5})?$/.exec(fileName) ?? [];
  return `${stem ?? 'rows'} with predictions${ending ?? '.csv'}`;
}
