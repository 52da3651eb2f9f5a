// PHP 8 with its curl extension.
import { type Literals, listColumns, quoteSingle, toField, toLines, toLiteral } from './literals.ts';
import type { Language, SnippetRequest } from './request.ts';

const LITERALS: Literals = {
  text: quoteSingle,
  yes: 'true',
  no: 'false',
  nothing: 'null',
  list: (items) => `[${items.join(', ')}]`,
};

export const php: Language = {
  id: 'php',
  name: 'PHP',
  file: 'predict.php',
  run: 'php predict.php',
  syntax: 'php',
  write(request: SnippetRequest): string {
    return `<?php
$curl = curl_init(getenv('PIPELINE_URL'));
curl_setopt_array($curl, [
    CURLOPT_POST => true,
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_TIMEOUT => 30,
${request.image === null ? sendRow(request) : sendImage(request, request.image)}
]);
$body = curl_exec($curl);
if ($body === false) {
    fwrite(STDERR, curl_error($curl) . "\\n");
    exit(1);
}
$answer = json_decode($body, true);
if (curl_getinfo($curl, CURLINFO_RESPONSE_CODE) >= 400) {
    fwrite(STDERR, $answer['message'] . "\\n");
    exit(1);
}
echo json_encode($answer), "\\n";
`;
  },
};

function sendRow(request: SnippetRequest): string {
  const lines = toLines(request, (name, value) => `${quoteSingle(name)} => ${toLiteral(value, LITERALS)}`, '        ');
  return `    CURLOPT_HTTPHEADER => ['Content-Type: application/json'],
    CURLOPT_POSTFIELDS => json_encode([
${lines}    ]),`;
}

function sendImage(request: SnippetRequest, { field, file }: { field: string; file: string }): string {
  const type = file.endsWith('.jpg') ? 'image/jpeg' : `image/${file.split('.').at(-1)}`;
  const columns = listColumns(request).map(
    ([name, value]) => `        ${quoteSingle(name)} => ${quoteSingle(toField(value))},\n`,
  );
  return `    CURLOPT_POSTFIELDS => [
        ${quoteSingle(field)} => new CURLFile(${quoteSingle(file)}, '${type}'),
${columns.join('')}    ],`;
}
