// Why a run stopped, in terms of the file: the server counts the rows of a chunk, people those of their file. Pure.
import type { PlaygroundError } from '../../wire.ts';
import type { Chunk } from './chunks.ts';

export interface RunFailure {
  /** What asking again may change (`interrupted`), what the rows are to blame for, or a file that is no CSV. */
  readonly kind: 'interrupted' | 'refused' | 'unreadable';
  readonly message: string;
  /** For the small print: "400 invalid_value, request 1f2e3d4c". */
  readonly detail: string;
  /** The row at fault, where one is, as it stands in the file. */
  readonly place: { readonly row: number; readonly line: number; readonly record: string } | null;
  readonly issues: readonly RowIssue[];
  /** Issues of the same chunk that the server counted and did not list. */
  readonly moreIssues: number;
}

export interface RowIssue {
  /** null: the header. */
  readonly row: number | null;
  readonly column: string;
  readonly message: string;
  readonly suggestion: string | null;
}

export class RunStopped extends Error {
  override readonly name = 'RunStopped';
  readonly failure: RunFailure;

  constructor(failure: RunFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

export function toUnreadable(message: string): RunFailure {
  return { kind: 'unreadable', message, detail: '', place: null, issues: [], moreIssues: 0 };
}

/** @param status of the answer; 0 where there was none. */
export function toRunFailure(body: PlaygroundError, status: number, chunk: Chunk): RunFailure {
  const found = (body.issues ?? []).map((issue) => toRowIssue(issue, chunk));
  const issues = found.filter(
    ({ row, column, message }, i) =>
      row !== null || found.findIndex((o) => o.row === null && o.column === column && o.message === message) === i,
  );
  const isOfHeader = issues.some(({ row }) => row === null);
  const { message, row } = translate(body, chunk);
  return {
    kind: isInterruption(body) ? 'interrupted' : 'refused',
    // The example is a query string, of no use to a file.
    message: message.split(' An example query:')[0] ?? message,
    detail: toDetail(body, status),
    place: findPlace(row ?? issues.find((issue) => issue.row !== null)?.row ?? null, chunk),
    issues,
    // Of a column that is not there the server counts one for each row.
    moreIssues: isOfHeader ? 0 : Math.max(0, (body.issue_count ?? 0) - found.length),
  };
}

/** What has nothing to do with the rows: the same chunk may be answered another time. */
const INTERRUPTIONS: ReadonlySet<PlaygroundError['code']> = new Set([
  'api_unreachable',
  'daily_limit',
  'internal',
  'model_unavailable',
  'overloaded',
  'rate_limited',
] as const);

export function isInterruption({ code }: PlaygroundError): boolean {
  return INTERRUPTIONS.has(code);
}

function toRowIssue(issue: NonNullable<PlaygroundError['issues']>[number], chunk: Chunk): RowIssue {
  const isOfHeader =
    issue.code === 'unknown_feature' ||
    (issue.code === 'missing_features' && !chunk.header.columns.some(({ name }) => name === issue.feature));
  return {
    row: isOfHeader ? null : chunk.firstRow + issue.row - 1,
    column: issue.feature,
    message: issue.message,
    suggestion: issue.suggestion ?? null,
  };
}

function toDetail({ code, request_id }: PlaygroundError, status: number): string {
  // What comes in the middle of an answer has no status of its own.
  const answer = status === 0 ? 'no answer' : status === 200 ? code : `${status} ${code}`;
  return request_id === '' ? answer : `${answer}, request ${request_id.slice(0, 8)}`;
}

/** Messages about values name no row, others do: outside of quotes, where a name or value may say "row 3" as well. */
const ROW = /"(?:[^"\\]|\\.)*"|\brow (\d+)( \(line \d+\))?/gi;

function translate({ message, issues }: PlaygroundError, chunk: Chunk): { message: string; row: number | null } {
  if (issues !== undefined) return { message, row: null };
  let row: number | null = null;
  const text = message.replace(ROW, (words: string, digits?: string, line?: string) => {
    if (digits === undefined || row !== null) return words;
    row = chunk.firstRow + Number(digits) - 1;
    const fileLine = line === undefined ? undefined : chunk.lines[Number(digits) - 1];
    const where = fileLine === undefined ? '' : ` (line ${fileLine.toLocaleString('en')})`;
    return `${words.slice(0, 3)} ${row.toLocaleString('en')}${where}`;
  });
  return { message: text, row };
}

function findPlace(row: number | null, { firstRow, records, lines }: Chunk): RunFailure['place'] {
  const index = (row ?? 0) - firstRow;
  const record = records[index];
  const line = lines[index];
  return row === null || record === undefined || line === undefined ? null : { row, line, record };
}
