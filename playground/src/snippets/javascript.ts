// JavaScript on Node 20 or newer, without a package.
import { EXPORT_URL, type Language, TIMEOUT_SECONDS } from './language.ts';
import { type Literals, listPairs, quoteJavaScript, toLines, toLiteral } from './literals.ts';
import type { SnippetImage, SnippetRequest, SnippetRow } from './request.ts';

const LITERALS: Literals = {
  text: quoteJavaScript,
  yes: 'true',
  no: 'false',
  nothing: 'null',
  list: (items) => `[${items.join(', ')}]`,
};

export const javascript: Language = {
  id: 'javascript',
  name: 'Node',
  file: 'predict.mjs',
  syntax: 'javascript',
  run: 'node predict.mjs',
  setUrl: EXPORT_URL,
  write: ({ row, image }: SnippetRequest) => `${image === null ? sendRow(row) : sendImage(row, image)}
const answer = await response.json();
if (!response.ok) {
  console.error(\`\${response.status}: \${answer.message}\`);
  process.exit(1);
}
console.log(answer);
`,
};

function sendRow(row: SnippetRow): string {
  return `const row = ${toObject(row)};

const response = await fetch(process.env.PIPELINE_URL, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(row),
  signal: AbortSignal.timeout(${TIMEOUT_SECONDS}_000),
});`;
}

function sendImage(row: SnippetRow, { file, type }: SnippetImage): string {
  const pairs = listPairs(row);
  const lines = pairs.map(([name, value]) => `  [${quoteJavaScript(name)}, ${quoteJavaScript(value)}],\n`).join('');
  const columns = pairs.length === 0 ? '' : `\nconst columns = new URLSearchParams([\n${lines}]);`;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the snippet's.
  const url = pairs.length === 0 ? 'process.env.PIPELINE_URL' : '`${process.env.PIPELINE_URL}?${columns}`';
  return `import { readFile } from 'node:fs/promises';
${columns}
const response = await fetch(${url}, {
  method: 'POST',
  headers: { 'Content-Type': '${type}' },
  body: await readFile('${file}'),
  signal: AbortSignal.timeout(${TIMEOUT_SECONDS}_000),
});`;
}

export function toObject(row: SnippetRow): string {
  return `{\n${toLines(row, '  ', (name, value) => `${toKey(name)}: ${toLiteral(value, LITERALS)}`)}}`;
}

function toKey(name: string): string {
  // Written any other way, it would set the prototype.
  if (name === '__proto__') return "['__proto__']";
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoteJavaScript(name);
}
