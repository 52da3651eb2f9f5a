// NDJSON as chunks of rows: one object per line, blank lines skipped, one chunk and one line in memory.
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { IssueList } from '../pipeline/issues.ts';
import type { Columns, Row } from '../pipeline/row.ts';
import { type Chunk, findLines, type StreamOptions } from './chunk.ts';
import { parseJson, toRow } from './json.ts';
import { createPlainObjects } from './plain-json.ts';
import { decodeText, readPieces } from './read.ts';

/** @throws AppError malformed_body naming row and line, body_too_large for an endless line. */
export async function* decodeNdjson(
  body: ReadableStream<Uint8Array>,
  columns: Columns,
  issues: IssueList,
  options: StreamOptions,
): AsyncGenerator<Chunk, undefined> {
  const reader = createReader(columns, issues, options);
  // Only joined at a line break: a line that comes byte by byte must not be copied for each of them.
  let open: string[] = [];
  let length = 0;
  for await (const text of decodeText(readPieces(body), 'The NDJSON body')) {
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) {
      yield* reader.read(open.join('') + text.slice(0, end));
      open = [];
      length = 0;
    }
    open.push(text.slice(end));
    length += text.length - end;
    if (length > LIMITS.LINE_BYTES) {
      const message = `Line ${reader.line()} of the NDJSON body is longer than ${LIMITS.LINE_BYTES} bytes.`;
      throw new AppError('body_too_large', message);
    }
  }
  yield* reader.read(open.join(''));
  yield* reader.end();
}

function createReader(columns: Columns, issues: IssueList, { chunkRows, plan }: StreamOptions) {
  const plain = plan === undefined ? null : createPlainObjects(plan, chunkRows);
  let rows: Row[] = [];
  let count = 0;
  let line = 0;

  function* readAny(text: string): Generator<Row[]> {
    const lines = text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const each of lines) {
      line += 1;
      if (each.trim() === '') continue;
      count += 1;
      const object = parseJson(each, `Row ${count} (line ${line})`);
      rows.push(toRow(object, count, columns, issues));
      if (rows.length < chunkRows) continue;
      yield rows;
      rows = [];
    }
  }

  function* end(): Generator<Chunk> {
    const chunk = plain?.take();
    if (chunk) yield chunk;
    if (rows.length > 0) yield rows;
  }

  return {
    end,
    /** The number of the line that comes next. */
    line: () => line + 1,
    /** Yields the chunks of a text of whole lines. */
    *read(text: string): Generator<Chunk> {
      for (let at = 0; at < text.length; ) {
        // A chunk of rows is filled first, so that all that is wrong in it is reported at once.
        if (plain !== null && rows.length === 0) {
          if (plain.begin(text.slice(at))) {
            for (let chunk = plain.readLines(); chunk !== null; chunk = plain.readLines()) yield chunk;
            at += plain.consumed;
            count += plain.rows;
            line += plain.lines;
            if (at === text.length) return;
          }
          const rest = plain.take();
          if (rest !== null) yield rest;
        }
        const end = plain === null ? text.length : findLines(text, at, chunkRows - rows.length);
        yield* readAny(text.slice(at, end));
        at = end;
      }
    },
  };
}
