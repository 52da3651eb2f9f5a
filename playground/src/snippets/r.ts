// R 4.1 or newer with httr2.
import { EXPORT_URL, type Language, TIMEOUT_SECONDS } from './language.ts';
import { type Literals, listPairs, quoteR, toLines, toLiteral } from './literals.ts';
import type { SnippetImage, SnippetRequest, SnippetRow } from './request.ts';

const RESERVED = /^(?:if|else|repeat|while|function|for|next|break|in|TRUE|FALSE|NULL|Inf|NaN|NA|NA_\w+_)$/;

const LITERALS: Literals = {
  text: quoteR,
  yes: 'TRUE',
  no: 'FALSE',
  nothing: 'NULL',
  list: (items) => `list(${items.join(', ')})`,
  // jsonlite writes 15 digits; the API takes numbers as text as well.
  isExact: (value) => Number(value.toPrecision(15)) === value,
};

export const r: Language = {
  id: 'r',
  name: 'R',
  file: 'predict.R',
  syntax: 'r',
  install: `Rscript -e 'install.packages(c("httr2", "jsonlite"))'`,
  run: 'Rscript predict.R',
  setUrl: EXPORT_URL,
  write: ({ row, image }: SnippetRequest) => `library(httr2)

${image === null ? sendRow(row) : sendImage(row, image)} |>
  req_timeout(${TIMEOUT_SECONDS}) |>
  req_error(body = \\(response) resp_body_json(response)$message) |>
  req_perform()

cat(resp_body_string(response), "\\n") # or resp_body_json(response)$prediction
`,
};

function sendRow(row: SnippetRow): string {
  return `row <- ${toList(row)}

response <- request(Sys.getenv("PIPELINE_URL")) |>
  req_body_json(row)`;
}

function sendImage(row: SnippetRow, { file, type }: SnippetImage): string {
  const pairs = listPairs(row).map(([name, value]) => `  ${toName(name)} = ${quoteR(value)}`);
  const columns = pairs.length === 0 ? '' : `columns <- list(\n${pairs.join(',\n')}\n)\n\n`;
  return `${columns}response <- request(Sys.getenv("PIPELINE_URL")) |>
${pairs.length === 0 ? '' : '  req_url_query(!!!columns) |>\n'}  req_body_file("${file}", type = "${type}")`;
}

function toList(row: SnippetRow): string {
  return `list(\n${toLines(row, '  ', (name, value) => `${toName(name)} = ${toLiteral(value, LITERALS)}`).slice(0, -2)}\n)`;
}

function toName(name: string): string {
  return /^(?:[A-Za-z]|\.(?![\d.]))[A-Za-z\d._]*$/.test(name) && !RESERVED.test(name) ? name : quoteR(name);
}
