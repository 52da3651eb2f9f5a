// "Use it from your server": the row that is tried, as code in nine languages, and why the page itself may not ask.
import { Tabs } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useMemo } from 'react';
import type { PipelineSchema } from '../../../worker/contract.ts';
import type { Row } from '../row.ts';
import { CodePane } from './CodePane.tsx';
import code from './code.module.css';
import { LANGUAGES } from './languages.ts';
import { toSnippetRequest } from './request.ts';
import { Steps } from './Steps.tsx';
import classes from './snippets.module.css';
import { WhyNot } from './WhyNot.tsx';

export default function ServerTab({ schema, row }: { schema: PipelineSchema; row: Row }) {
  const [chosen, choose] = useLocalStorage({
    key: 'postern-language',
    defaultValue: 'curl',
    getInitialValueInEffect: false,
  });
  const request = useMemo(() => toSnippetRequest(schema, row), [schema, row]);
  const current = LANGUAGES.some(({ id }) => id === chosen) ? chosen : 'curl';
  return (
    <div className={classes.page}>
      <p className={classes.lead}>
        What you have tried, sent from a server of yours. The secret URL comes from the environment and stands nowhere
        in the code.
      </p>
      <Tabs
        className={classes.bench ?? ''}
        value={current}
        onChange={(next) => next !== null && choose(next)}
        variant="unstyled"
        keepMounted={false}
        classNames={{ list: code.languages ?? '', tab: code.language ?? '' }}
      >
        <div className={code.pane}>
          <Tabs.List aria-label="Language">
            {LANGUAGES.map(({ id, name }) => (
              <Tabs.Tab key={id} value={id}>
                {name}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {LANGUAGES.map(({ id, file, syntax, write }) => (
            <Tabs.Panel key={id} value={id}>
              {id === current && <CodePane code={write(request)} file={file} syntax={syntax} />}
            </Tabs.Panel>
          ))}
        </div>
        {LANGUAGES.filter(({ id }) => id === current).map((language) => (
          <Steps key={language.id} language={language} image={request.image} />
        ))}
      </Tabs>
      <WhyNot />
    </div>
  );
}
