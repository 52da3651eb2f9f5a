// R with httr2.
import { type Literals, listColumns, toField, toLiteral } from './literals.ts';
import type { Language, SnippetRequest } from './request.ts';

/** R reads \\uXXXX as one character, so pairs of surrogates must not be written as such: texts stay as they are. */
const quote = (value: string): string =>
  `"${value
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')}"`;

const LITERALS: Literals = {
  text: quote,
  yes: 'TRUE',
  no: 'FALSE',
  nothing: 'NULL',
  list: (items) => `list(${items.join(', ')})`,
};

export const r: Language = {
  id: 'r',
  name: 'R',
  file: 'predict.R',
  run: 'Rscript predict.R',
  needs: 'install.packages(c("httr2", "jsonlite"))',
  syntax: 'r',
  write(request: SnippetRequest): string {
    return `library(httr2)

request <- request(Sys.getenv("PIPELINE_URL")) |>
  req_timeout(30) |>
${request.image === null ? sendRow(request) : sendImage(request, request.image)} |>
  req_error(body = \\(response) resp_body_json(response)$message)
answer <- req_perform(request)
cat(resp_body_string(answer), "\\n")
`;
  },
};

function sendRow(request: SnippetRequest): string {
  const lines = listColumns(request).map(([name, value]) => `    ${quote(name)} = ${toLiteral(value, LITERALS)}`);
  return `  req_body_json(list(
${lines.join(',\n')}
  ))`;
}

function sendImage(request: SnippetRequest, { field, file }: { field: string; file: string }): string {
  const columns = listColumns(request).map(([name, value]) => `,\n    ${quote(name)} = ${quote(toField(value))}`);
  return `  req_body_multipart(
    ${quote(field)} = curl::form_file(${quote(file)})${columns.join('')}
  )`;
}
