// NDJSON as chunks of rows: one object per line, blank lines skipped, one chunk and one line in memory.
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { IssueList } from '../pipeline/issues.ts';
import type { Columns, Row } from '../pipeline/row.ts';
import { parseJson, toRow } from './json.ts';
import { decodeText, readPieces } from './read.ts';

export interface StreamOptions {
  /** Rows of a chunk, at most. */
  readonly chunkRows: number;
  /** See Room. */
  readonly hold?: ((bytes: number) => void) | undefined;
}

/** @throws AppError malformed_body naming row and line, body_too_large for an endless line. */
export async function* decodeNdjson(
  body: ReadableStream<Uint8Array>,
  columns: Columns,
  issues: IssueList,
  options: StreamOptions,
): AsyncGenerator<Row[], undefined> {
  let rows: Row[] = [];
  let count = 0;
  let line = 0;
  for await (const lines of readLines(decodeText(readPieces(body), 'The NDJSON body'))) {
    for (const text of lines) {
      line += 1;
      if (text.trim() === '') continue;
      count += 1;
      const object = parseJson(text, `Row ${count} (line ${line})`);
      rows.push(toRow(object, count, columns, issues));
      if (rows.length < options.chunkRows) continue;
      yield rows;
      rows = [];
    }
  }
  if (rows.length > 0) yield rows;
}

async function* readLines(texts: AsyncIterable<string>): AsyncGenerator<string[], undefined> {
  // Only joined at a line break: a line that comes byte by byte must not be copied for each of them.
  let open: string[] = [];
  let length = 0;
  let line = 1;
  for await (const text of texts) {
    const lines = text.split('\n');
    const rest = lines.pop() ?? '';
    if (lines.length > 0) {
      lines[0] = open.join('') + lines[0];
      yield lines;
      line += lines.length;
      open = [];
      length = 0;
    }
    open.push(rest);
    length += rest.length;
    if (length > LIMITS.LINE_BYTES) {
      throw new AppError(
        'body_too_large',
        `Line ${line} of the NDJSON body is longer than ${LIMITS.LINE_BYTES} bytes.`,
      );
    }
  }
  yield [open.join('')];
}
