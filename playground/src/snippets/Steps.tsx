// From the snippet to its answer, in order: what is installed, where the code goes, where the URL comes from, what to type.
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Language } from './language.ts';
import type { SnippetImage } from './request.ts';
import classes from './snippets.module.css';

export function Steps({ language, image }: { language: Language; image: SnippetImage | null }) {
  const { id, file, install, run, setUrl } = language;
  const url = (
    <Step title="Give it the URL" command={setUrl}>
      The <Link href="/console">console</Link> shows it to you. Keep it with your server’s secrets, not in code and not
      in a repository.
    </Step>
  );
  return (
    <section aria-labelledby="steps" className={classes.steps}>
      <h2 id="steps">{id === 'hono' ? 'Deploy it' : 'Run it'}</h2>
      <ol>
        <Step title="Save the code" command={file}>
          {image !== null && id !== 'hono' && (
            <>
              With <code>{image.file}</code> in the same folder.
            </>
          )}
        </Step>
        {install !== undefined && <Step title="Install what it needs" command={install} />}
        {id === 'hono' ? null : url}
        <Step title={id === 'hono' ? 'Deploy it' : 'Run it'} command={run} />
        {id === 'hono' ? url : null}
      </ol>
    </section>
  );
}

function Step({ title, command, children }: { title: string; command: string; children?: ReactNode }) {
  return (
    <li>
      <b>{title}</b>
      <code className={classes.command}>
        {/* Breaks at blanks alone, not behind each hyphen. */}
        {command.split(' ').flatMap((word, i) => [i === 0 ? '' : ' ', <span key={word}>{word}</span>])}
      </code>
      {children !== undefined && children !== false && <p>{children}</p>}
    </li>
  );
}
