// What the server answers for one chunk: CSV with a header, and perhaps a last record that says why there is no more. Pure.
import type { PlaygroundError } from '../../wire.ts';
import { splitCells } from './header.ts';
import { createRecordSplitter } from './records.ts';

export interface Answers {
  readonly columns: readonly string[];
  readonly header: string;
  /** One per row, as they were answered, without line breaks. */
  readonly lines: readonly string[];
  readonly cells: readonly (readonly string[])[];
  /** Why the rows after the last line were not answered. */
  readonly error: PlaygroundError | null;
}

export function parseAnswers(text: string): Answers {
  const [header = '', ...lines] = createRecordSplitter({ delimiter: ',', newline: '\n' })(text, true);
  const cells = lines.map((line) => splitCells(line, ','));
  const error = findError(cells.at(-1) ?? []);
  if (error !== null) {
    lines.pop();
    cells.pop();
  }
  return { columns: splitCells(header, ','), header, lines, cells, error };
}

/** A class may be called "error", but no probability is JSON that has a code. */
function findError([word, json, ...more]: readonly string[]): PlaygroundError | null {
  if (word !== 'error' || json === undefined || more.length > 0) return null;
  try {
    const body: unknown = JSON.parse(json);
    return typeof body === 'object' && body !== null && 'code' in body ? (body as PlaygroundError) : null;
  } catch {
    return null;
  }
}
