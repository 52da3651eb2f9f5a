// One snippet in colours, with its file name and a button that copies it.
import { CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useMemo } from 'react';
import classes from './code.module.css';
import { highlight } from './highlight.ts';

export function CodePane({ code, file, syntax }: { code: string; file: string; syntax: string }) {
  const html = useMemo(() => highlight(code, syntax), [code, syntax]);
  return (
    <>
      <div className={classes.head}>
        <span className={classes.file}>{file}</span>
        <CopyButton value={code} timeout={2000}>
          {({ copied, copy }) => (
            <button type="button" onClick={copy} className={classes.copy} data-copied={copied || undefined}>
              {copied ? <IconCheck size={15} stroke={2} /> : <IconCopy size={15} stroke={1.8} />}
              <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
            </button>
          )}
        </CopyButton>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
      <section className={classes.code} tabIndex={0} aria-label={`Code of ${file}`}>
        <pre>
          {/* biome-ignore lint/security/noDangerouslySetInnerHtml: highlight escapes what it is given, and a test holds it. */}
          <code dangerouslySetInnerHTML={{ __html: html }} />
        </pre>
      </section>
    </>
  );
}
