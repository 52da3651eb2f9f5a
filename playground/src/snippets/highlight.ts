// Source code as HTML whose classes code.module.css gives colours. The text itself comes out escaped.
import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import go from 'highlight.js/lib/languages/go';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import php from 'highlight.js/lib/languages/php';
import python from 'highlight.js/lib/languages/python';
import r from 'highlight.js/lib/languages/r';
import ruby from 'highlight.js/lib/languages/ruby';

for (const [name, syntax] of Object.entries({ bash, go, java, javascript, php, python, r, ruby })) {
  hljs.registerLanguage(name, syntax);
}

export function highlight(code: string, syntax: string): string {
  return hljs.highlight(code, { language: syntax }).value;
}
