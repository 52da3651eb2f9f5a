// "Use it from your server": the request of the form in nine languages, and why the page itself may not make it.
import { Select, Text } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconKey, IconPackage, IconPlayerPlay } from '@tabler/icons-react';
import { Link } from 'wouter';
import type { PipelineSchema } from '../../../worker/contract.ts';
import type { Row } from '../row.ts';
import { CodePane } from './CodePane.tsx';
import { LANGUAGES } from './languages.ts';
import { toSnippetRequest } from './request.ts';
import classes from './snippets.module.css';
import { WhyNot } from './WhyNot.tsx';

export default function ServerTab({ schema, row }: { schema: PipelineSchema; row: Row }) {
  const [chosen, choose] = useLocalStorage({
    key: 'postern-language',
    defaultValue: 'curl',
    getInitialValueInEffect: false,
  });
  const language = LANGUAGES.find(({ id }) => id === chosen) ?? LANGUAGES[0];
  if (language === undefined) return null;
  const code = language.write(toSnippetRequest(schema, row));
  return (
    <div className={classes.page}>
      <section aria-label="Code" className={classes.code}>
        <fieldset className={classes.languages} aria-label="Languages">
          {LANGUAGES.map(({ id, name }) => (
            <button
              key={id}
              type="button"
              className={classes.language}
              aria-pressed={id === language.id}
              onClick={() => choose(id)}
            >
              {name}
            </button>
          ))}
        </fieldset>
        <Select
          className={classes.select ?? ''}
          aria-label="Language"
          data={LANGUAGES.map(({ id, name }) => ({ value: id, label: name }))}
          value={language.id}
          onChange={(id) => id !== null && choose(id)}
          allowDeselect={false}
        />
        <CodePane code={code} file={language.file} syntax={language.syntax} />
        <dl className={classes.steps}>
          <Step icon={<IconKey size={16} stroke={1.7} />} what="Once">
            <code>{language.id === 'hono' ? language.run.split(' && ')[0] : "export PIPELINE_URL='…'"}</code>
            <Text size="sm" c="dimmed" component="span">
              {' '}
              with the URL that the <Link href="/console">console</Link> shows you. It is a secret: not in code, not in
              a repository.
            </Text>
          </Step>
          {language.needs !== undefined && (
            <Step icon={<IconPackage size={16} stroke={1.7} />} what="Needs">
              <code>{language.needs}</code>
            </Step>
          )}
          <Step icon={<IconPlayerPlay size={16} stroke={1.7} />} what="Run it">
            <code>{language.id === 'hono' ? language.run.split(' && ')[1] : language.run}</code>
          </Step>
        </dl>
      </section>
      <WhyNot />
    </div>
  );
}

function Step({ icon, what, children }: { icon: React.ReactNode; what: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>
        {icon} {what}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}
