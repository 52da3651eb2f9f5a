// What the pane shows is the code and nothing else: markup in a value stays text, and no style comes inline.
import { expect, it } from 'vitest';
import { highlight } from '../../../../playground/src/snippets/highlight.ts';
import { LANGUAGES } from '../../../../playground/src/snippets/languages.ts';

const MARKUP = `<img src=x onerror=alert(1)> &lt; </code><style>*{}</style> "'\`#{y} \${x}`;

it.each(LANGUAGES)('$name', ({ write, syntax }) => {
  const code = write({ row: { [MARKUP]: MARKUP, number: 1 }, image: null });
  const html = highlight(code, syntax);
  const tags = html.match(/<[^>]*>/g) ?? [];
  expect(tags.length).toBeGreaterThan(4);
  for (const tag of tags) expect(tag).toMatch(/^<(?:span class="[\w\s.-]+"|\/span)>$/);
  const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', '#x27': "'", amp: '&' };
  const text = html.replaceAll(/<[^>]*>/g, '').replaceAll(/&([\w#]+);/g, (all, name) => entities[name] ?? all);
  expect(text).toBe(code);
});
