// Python with requests.
import { type Literals, listColumns, quoteJson, toField, toLines, toLiteral } from './literals.ts';
import type { Language, SnippetRequest } from './request.ts';

const LITERALS: Literals = {
  // Python has no surrogate pairs in its escapes: what is beyond them stays as it is.
  text: (value) => quoteJson(value),
  yes: 'True',
  no: 'False',
  nothing: 'None',
  list: (items) => `[${items.join(', ')}]`,
};

export const python: Language = {
  id: 'python',
  name: 'Python',
  file: 'predict.py',
  run: 'python3 predict.py',
  needs: 'pip install requests',
  syntax: 'python',
  write(request: SnippetRequest): string {
    return `import os
import sys

import requests

url = os.environ["PIPELINE_URL"]
${request.image === null ? sendRow(request) : sendImage(request, request.image)}
if not response.ok:
    sys.exit(response.json()["message"])
print(response.json())
`;
  },
};

function sendRow(request: SnippetRequest): string {
  return `row = {
${toLines(request, (name, value) => `${quoteJson(name)}: ${toLiteral(value, LITERALS)}`, '    ')}}
response = requests.post(url, json=row, timeout=30)`;
}

function sendImage(request: SnippetRequest, { field, file }: { field: string; file: string }): string {
  const columns = listColumns(request);
  const lines = toLines(request, (name, value) => `${quoteJson(name)}: ${quoteJson(toField(value))}`, '    ');
  const data = columns.length === 0 ? '' : `columns = {\n${lines}}\n`;
  return `${data}with open(${quoteJson(file)}, "rb") as image:
    response = requests.post(url, ${columns.length === 0 ? '' : 'data=columns, '}files={${quoteJson(field)}: image}, timeout=30)`;
}
