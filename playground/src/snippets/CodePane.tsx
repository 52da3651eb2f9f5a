// A pane of code with its file name and a button that copies it.
import { CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import go from 'highlight.js/lib/languages/go';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import php from 'highlight.js/lib/languages/php';
import python from 'highlight.js/lib/languages/python';
import r from 'highlight.js/lib/languages/r';
import ruby from 'highlight.js/lib/languages/ruby';
import { useMemo } from 'react';
import classes from './code.module.css';

for (const [name, syntax] of Object.entries({ bash, go, java, javascript, php, python, r, ruby })) {
  hljs.registerLanguage(name, syntax);
}

export function CodePane({ code, file, syntax }: { code: string; file: string; syntax: string }) {
  // highlight.js escapes what it is given: the markup is its own.
  const html = useMemo(() => hljs.highlight(code, { language: syntax }).value, [code, syntax]);
  return (
    <figure className={classes.pane}>
      <figcaption className={classes.head}>
        <span>{file}</span>
        <CopyButton value={code} timeout={1500}>
          {({ copied, copy }) => (
            <button type="button" onClick={copy} className={classes.copy} aria-live="polite">
              {copied ? <IconCheck size={15} stroke={1.8} /> : <IconCopy size={15} stroke={1.8} />}
              {copied ? 'Copied' : 'Copy'}
            </button>
          )}
        </CopyButton>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
      <pre className={classes.code} tabIndex={0}>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: see above. */}
        <code dangerouslySetInnerHTML={{ __html: html }} />
      </pre>
    </figure>
  );
}
