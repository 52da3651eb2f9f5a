// Python with requests.
import { toField } from './curl.ts';
import { EXPORT_URL, type Language, TIMEOUT_SECONDS } from './language.ts';
import { type Literals, quotePython, toLines, toLiteral } from './literals.ts';
import type { SnippetImage, SnippetRequest, SnippetRow } from './request.ts';

const LITERALS: Literals = {
  text: quotePython,
  yes: 'True',
  no: 'False',
  nothing: 'None',
  list: (items) => `[${items.join(', ')}]`,
};

export const python: Language = {
  id: 'python',
  name: 'Python',
  file: 'predict.py',
  syntax: 'python',
  install: 'pip install requests',
  run: 'python3 predict.py',
  setUrl: EXPORT_URL,
  write: ({ row, image }: SnippetRequest) => `import os
import sys

import requests

url = os.environ["PIPELINE_URL"]
${Object.keys(row).length === 0 ? '' : `row = ${toDict(row)}\n`}
try:
${image === null ? sendRow() : sendImage(row, image)}
except requests.RequestException as error:
    sys.exit(f"No answer: {type(error).__name__}")  # its text would show the URL

answer = response.json()
if not response.ok:
    sys.exit(f"{response.status_code}: {answer['message']}")
print(answer)
`,
};

export function toDict(row: SnippetRow): string {
  return `{\n${toLines(row, '    ', (name, value) => `${quotePython(name)}: ${toLiteral(value, LITERALS)}`)}}`;
}

const sendRow = (): string => `    response = requests.post(url, json=row, timeout=${TIMEOUT_SECONDS})`;

function sendImage(row: SnippetRow, { feature, file }: SnippetImage): string {
  const params = Object.keys(row).length === 0 ? '' : 'params=row, ';
  return `    with open("${file}", "rb") as image:
        response = requests.post(url, ${params}files={"${toField(feature)}": image}, timeout=${TIMEOUT_SECONDS})`;
}
