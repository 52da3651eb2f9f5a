// curl, in a POSIX shell. It has --fail-with-body since 7.76 and --json since 7.82.
import { EXPORT_URL, type Language, TIMEOUT_SECONDS } from './language.ts';
import { quoteShell, toJson, toQuery } from './literals.ts';
import type { SnippetImage, SnippetRequest, SnippetRow } from './request.ts';

/** A line of so many characters still reads well beside the JSON. */
const SHORT_QUERY = 90;
const COMMAND = `curl -sS --fail-with-body --max-time ${TIMEOUT_SECONDS}`;

export const curl: Language = {
  id: 'curl',
  name: 'curl',
  file: 'predict.sh',
  syntax: 'bash',
  run: 'sh predict.sh',
  setUrl: EXPORT_URL,
  write: ({ row, image }: SnippetRequest) => (image === null ? sendRow(row) : sendImage(row, image)),
};

function sendRow(row: SnippetRow): string {
  const query = toQuery(row);
  const short = `
# The same in the query string:
# ${COMMAND} "$PIPELINE_URL${query}"
`;
  return `${COMMAND} "$PIPELINE_URL" --json ${quoteShell(toJson(row))}
${query.length <= SHORT_QUERY ? short : ''}`;
}

function sendImage(row: SnippetRow, { feature, file }: SnippetImage): string {
  return `${COMMAND} "$PIPELINE_URL${toQuery(row)}" -F ${quoteShell(`${toField(feature)}=@${file}`)}
`;
}

/** A model of one image takes it under any name, and not every client can write every name into a form. */
export function toField(feature: string): string {
  return /^[\w.-]+$/.test(feature) ? feature : 'file';
}
