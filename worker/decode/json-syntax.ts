// Where and why a text is not JSON. Engines word their messages differently, and some give no position, so the
// failing text is read once more, by a small scanner that keeps its own stack.

const TOKEN = /[{}[\]:,]|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])|(?:true|false|null)(?!\w)/;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/;

type Expect = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or }' | ', or ]' | 'end';

const EXPECTED: Record<Expect, string> = {
  value: 'a value',
  'value or ]': 'a value or ]',
  key: 'a name in double quotes',
  'key or }': 'a name in double quotes or }',
  ':': ':',
  ', or }': ', or }',
  ', or ]': ', or ]',
  end: 'nothing more (for one object per line send application/x-ndjson)',
};

/** @returns such as `expected a value at line 2, column 7, found "}"`. */
export function describeJsonError(text: string): string {
  const token = new RegExp(TOKEN, 'y');
  const pattern = new RegExp(ESCAPE, 'y');
  const stack: string[] = [];
  let expect: Expect = 'value';
  for (let at = skipSpace(text, 0); ; at = skipSpace(text, at)) {
    if (at >= text.length) {
      return expect === 'end' ? 'unknown reason' : `it ends too early, expected ${EXPECTED[expect]}`;
    }
    token.lastIndex = at;
    const isString = text[at] === '"';
    const end = isString ? findStringEnd(text, at, pattern) : token.test(text) ? token.lastIndex : -1;
    const next: Expect | null = end < 0 ? null : follow(expect, isString ? '"' : text.slice(at, end), stack);
    if (next === null) return explain(text, at, expect, isString && end < 0);
    expect = next;
    at = end;
  }
}

/** @returns the index after the closing quote, or -1 where the string is not one. */
function findStringEnd(text: string, start: number, pattern: RegExp): number {
  for (let at = start + 1; at < text.length; ) {
    const character = text.charCodeAt(at);
    if (character === 0x22) return at + 1;
    if (character < 0x20) return -1;
    if (character === 0x5c) {
      pattern.lastIndex = at;
      if (!pattern.test(text)) return -1;
      at = pattern.lastIndex;
    } else at += 1;
  }
  return -1;
}

/** What may come after `token`, or null where it must not stand. */
function follow(expect: Expect, token: string, stack: string[]): Expect | null {
  if (token === '}' || token === ']') {
    const allowed = token === '}' ? expect === ', or }' || expect === 'key or }' : expect.endsWith(']');
    if (!allowed) return null;
    stack.pop();
    return afterValue(stack);
  }
  if (token === ',') {
    if (!expect.startsWith(',')) return null;
    return stack.at(-1) === '{' ? 'key' : 'value';
  }
  if (token === ':') return expect === ':' ? 'value' : null;
  if (expect.startsWith('key')) return token === '"' ? ':' : null;
  if (!expect.startsWith('value')) return null;
  if (token === '{' || token === '[') {
    stack.push(token);
    return token === '{' ? 'key or }' : 'value or ]';
  }
  return afterValue(stack);
}

function afterValue(stack: readonly string[]): Expect {
  if (stack.length === 0) return 'end';
  return stack.at(-1) === '{' ? ', or }' : ', or ]';
}

function explain(text: string, at: number, expect: Expect, isBadString: boolean): string {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  const where = `at line ${line}, column ${at - before.lastIndexOf('\n')}`;
  if (isBadString) return `the string ${where} is not closed, or holds a character that must be escaped`;
  const found = /^[\w.+-]+/.exec(text.slice(at, at + 20))?.[0] ?? String.fromCodePoint(text.codePointAt(at) ?? 0);
  const isForeign = /^[-+]?(?:NaN|Infinity|None|True|False|undefined)/.test(found);
  const hint = isForeign ? ' (JSON knows null, true, false and plain numbers)' : '';
  return `expected ${EXPECTED[expect]} ${where}, found ${JSON.stringify(found)}${hint}`;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (' \t\r\n'.includes(text[at] ?? '!')) at += 1;
  return at;
}
