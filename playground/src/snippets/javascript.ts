// JavaScript on Node 20 or newer, without a package.
import { type Literals, quoteJson, toField, toLines, toLiteral } from './literals.ts';
import type { Language, SnippetRequest } from './request.ts';

export const LITERALS: Literals = {
  text: quoteJson,
  yes: 'true',
  no: 'false',
  nothing: 'null',
  list: (items) => `[${items.join(', ')}]`,
};

export const javascript: Language = {
  id: 'javascript',
  name: 'JavaScript',
  file: 'predict.mjs',
  run: 'node predict.mjs',
  syntax: 'javascript',
  write(request: SnippetRequest): string {
    return request.image === null ? sendRow(request) : sendImage(request, request.image);
  },
};

function sendRow(request: SnippetRequest): string {
  return `const row = {
${toLines(request, (name, value) => `${quoteJson(name)}: ${toLiteral(value, LITERALS)}`)}};

const response = await fetch(process.env.PIPELINE_URL, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(row),
  signal: AbortSignal.timeout(30_000),
});
${END}`;
}

function sendImage(request: SnippetRequest, { field, file }: { field: string; file: string }): string {
  const columns = toLines(request, (name, value) => `[${quoteJson(name)}, ${quoteJson(toField(value))}]`);
  const append = columns === '' ? '' : `for (const [name, value] of [\n${columns}]) form.append(name, value);\n`;
  return `import { openAsBlob } from 'node:fs';

const form = new FormData();
form.append(${quoteJson(field)}, await openAsBlob(${quoteJson(file)}), ${quoteJson(file)});
${append}
const response = await fetch(process.env.PIPELINE_URL, {
  method: 'POST',
  body: form,
  signal: AbortSignal.timeout(30_000),
});
${END}`;
}

const END = `const answer = await response.json();
if (!response.ok) throw new Error(answer.message);
console.log(answer);
`;
