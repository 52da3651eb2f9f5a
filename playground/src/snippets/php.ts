// PHP 8 with its curl extension.
import { toField } from './curl.ts';
import { EXPORT_URL, type Language, TIMEOUT_SECONDS } from './language.ts';
import { type Literals, quotePhp, toLines, toLiteral, toQuery } from './literals.ts';
import type { SnippetImage, SnippetRequest, SnippetRow } from './request.ts';

const LITERALS: Literals = {
  text: quotePhp,
  yes: 'true',
  no: 'false',
  nothing: 'null',
  list: (items) => `[${items.join(', ')}]`,
};

export const php: Language = {
  id: 'php',
  name: 'PHP',
  file: 'predict.php',
  syntax: 'php',
  run: 'php predict.php',
  setUrl: EXPORT_URL,
  write: ({ row, image }: SnippetRequest) => `<?php
${image === null ? sendRow(row) : sendImage(row, image)}
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_TIMEOUT => ${TIMEOUT_SECONDS},
]);
$body = curl_exec($request);
if ($body === false) {
    fwrite(STDERR, curl_error($request) . "\\n");
    exit(1);
}
$answer = json_decode($body, true, flags: JSON_THROW_ON_ERROR);
$status = curl_getinfo($request, CURLINFO_RESPONSE_CODE);
if ($status >= 400) {
    fwrite(STDERR, "$status: {$answer['message']}\\n");
    exit(1);
}
echo json_encode($answer), "\\n";
`,
};

function sendRow(row: SnippetRow): string {
  return `$row = ${toArray(row)};

$request = curl_init(getenv('PIPELINE_URL'));
curl_setopt_array($request, [
    CURLOPT_POSTFIELDS => json_encode($row, JSON_THROW_ON_ERROR),
    CURLOPT_HTTPHEADER => ['Content-Type: application/json'],`;
}

function sendImage(row: SnippetRow, { feature, file, type }: SnippetImage): string {
  const query = toQuery(row);
  return `$request = curl_init(getenv('PIPELINE_URL')${query === '' ? '' : ` . '${query}'`});
curl_setopt_array($request, [
    CURLOPT_POSTFIELDS => ['${toField(feature)}' => new CURLFile('${file}', '${type}')],`;
}

export function toArray(row: SnippetRow): string {
  // An array whose keys are 0, 1, 2… would be a list in JSON.
  const cast = Object.keys(row).some((name) => /^\d+$/.test(name)) ? '(object) ' : '';
  return `${cast}[\n${toLines(row, '    ', (name, value) => `${quotePhp(name)} => ${toLiteral(value, LITERALS)}`)}]`;
}
