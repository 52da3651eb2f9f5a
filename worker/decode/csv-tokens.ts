// Text -> records of cells, for a text that comes in pieces: what is not yet a whole record is left for the next
// time. Papa Parse's tokeniser does the work, used as its own streamers use it.
import Papa from 'papaparse';

export interface Tokens {
  /** A blank line is an empty record. */
  readonly records: string[][];
  /** Characters of the text that the records take. */
  readonly consumed: number;
  /** The record whose quotes are wrong. */
  readonly bad: { readonly index: number; readonly reason: string } | null;
  /** Line breaks of the text before a record. */
  countLines(before: number): number;
}

export type Tokenise = (text: string, isLast: boolean) => Tokens;

/** What of Papa's result is read. Its typings leave it open. */
interface Parsed {
  data: string[][];
  errors: { row: number; code: string }[];
  meta: { cursor: number };
}

const REASONS: Record<string, string> = {
  MissingQuotes: 'a quote is opened and never closed',
  InvalidQuotes: 'text follows a closing quote; a quote inside a quoted cell is written twice',
};

export function createTokeniser(delimiter: string, newline: '\n' | '\r\n' | '\r', width: number): Tokenise {
  const lineEnd = newline === '\r' ? '\r' : '\n';
  return (text, isLast) => {
    const hasQuotes = text.includes('"');
    // CRLF is read as LF and its CR cut off, since files are mixed; but not where a quoted cell ends in CR.
    const isExact = newline === '\r' || (hasQuotes && text.includes('\r"'));
    const config = { delimiter, newline: isExact ? newline : lineEnd };
    const input = isLast && !isExact && text.endsWith('\r') ? text.slice(0, -1) : text;
    const isSingle = width === 1 && hasQuotes;
    const { data, errors, meta } = (isSingle ? parseSingle : parse)(input, config, isLast);
    if (!isExact) cutReturns(data);
    if (!isSingle) clearBlanks(data, width);
    const error = errors.find(({ row }) => row < data.length);
    return {
      records: data,
      consumed: meta.cursor,
      bad: error ? { index: error.row, reason: REASONS[error.code] ?? 'its quotes are wrong' } : null,
      countLines(before) {
        if (!hasQuotes) return before;
        if (before === data.length) return countBreaks(input, meta.cursor, lineEnd);
        return (
          before +
          data
            .slice(0, before)
            .reduce((sum, record) => sum + countBreaks(record.join(), Number.POSITIVE_INFINITY, lineEnd), 0)
        );
      },
    };
  };
}

function parse(text: string, config: Papa.ParseConfig, isLast: boolean): Parsed {
  return new Papa.Parser(config).parse(text, 0, !isLast) as Parsed;
}

/** In a file of one column `""` is a row and a blank line is none: what a record was read from tells them apart. */
function parseSingle(text: string, config: Papa.ParseConfig, isLast: boolean): Parsed {
  const data: string[][] = [];
  const errors: Parsed['errors'] = [];
  // The CR of a CRLF that is read as LF.
  const isBlank = ([cell, second]: string[]): boolean =>
    second === undefined && (cell === '' || (cell === '\r' && config.newline === '\n'));
  let start = 0;
  const collect = (results: unknown): void => {
    const { data: found, errors: wrong, meta } = results as Parsed;
    for (const { code } of wrong) errors.push({ row: data.length, code });
    for (const record of found) data.push(text[start] === '"' || !isBlank(record) ? record : []);
    start = meta.cursor;
  };
  collect(parse(text, { ...config, step: collect } as Papa.ParseConfig, isLast));
  return { data, errors, meta: { cursor: start } };
}

function countBreaks(text: string, end: number, lineEnd: string): number {
  let count = 0;
  for (let at = text.indexOf(lineEnd); at !== -1 && at < end; at = text.indexOf(lineEnd, at + 1)) count += 1;
  return count;
}

function cutReturns(records: readonly string[][]): void {
  for (const record of records) {
    const end = record.length - 1;
    const cell = record[end];
    if (cell?.endsWith('\r')) record[end] = cell.slice(0, -1);
  }
}

function clearBlanks(records: readonly string[][], width: number): void {
  for (const record of records) {
    if (record.length !== 1) continue;
    const cell = record[0] ?? '';
    if (cell === '' || (width > 1 && cell.trim() === '')) record.length = 0;
  }
}
