// One model: the row that is tried, and three ways to use it. The row outlives a change of tab.
import { Skeleton, Tabs, Text, Title } from '@mantine/core';
import { IconAdjustmentsHorizontal, IconServer2, IconTable } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useLocation } from 'wouter';
import type { PipelineSchema } from '../../../worker/contract.ts';
import type { Demo } from '../../wire.ts';
import type { Row } from '../row.ts';
import { toExampleRow } from './fields.ts';
import classes from './predict.module.css';
import { TryRow } from './TryRow.tsx';

/** Three ways to use a model, as its address names them. */
export type Tab = 'row' | 'csv' | 'server';

const CsvTab = lazy(() => import('../csv/CsvTab.tsx'));
const ServerTab = lazy(() => import('../snippets/ServerTab.tsx'));

export function Workbench({ demo, schema, tab }: { demo: Demo; schema: PipelineSchema; tab: Tab }) {
  const [row, setRow] = useState<Row>(() => toExampleRow(schema));
  const [, navigate] = useLocation();
  const panel = (what: Tab, content: React.ReactNode) => (
    <Tabs.Panel value={what} pt="lg">
      <Suspense fallback={<Skeleton h={360} />}>{content}</Suspense>
    </Tabs.Panel>
  );
  return (
    <section aria-labelledby="question" className={classes.bench}>
      <Title order={1} id="question" className={classes.question}>
        {demo.question ?? demo.title}
      </Title>
      <Text className={classes.facts}>{toFacts(schema)}</Text>
      <Tabs
        value={tab}
        onChange={(next) => navigate(`/try/${demo.slug}${next === 'row' ? '' : `/${next}`}`)}
        keepMounted={false}
        mt="md"
        classNames={{ list: classes.tabs ?? '' }}
      >
        <Tabs.List>
          <Tabs.Tab value="row" leftSection={<IconAdjustmentsHorizontal size={17} stroke={1.7} />}>
            Try it
          </Tabs.Tab>
          <Tabs.Tab value="csv" leftSection={<IconTable size={17} stroke={1.7} />}>
            CSV
          </Tabs.Tab>
          <Tabs.Tab value="server" leftSection={<IconServer2 size={17} stroke={1.7} />}>
            <span className={classes.wide}>Use it from your server</span>
            <span className={classes.narrow}>Server</span>
          </Tabs.Tab>
        </Tabs.List>
        {panel('row', <TryRow demo={demo} schema={schema} row={row} onRow={setRow} />)}
        {panel('csv', <CsvTab slug={demo.slug} schema={schema} />)}
        {panel('server', <ServerTab schema={schema} row={row} />)}
      </Tabs>
    </section>
  );
}

/** What it takes and answers, in one line. */
function toFacts({ task, features, classes: names, label, unit }: PipelineSchema): string {
  const image = features.find(({ type }) => type === 'image')?.image;
  const takes =
    image !== undefined && features.length === 1
      ? `an image, brought to ${image.width} × ${image.height}`
      : `${features.length} ${features.length === 1 ? 'value' : 'values'}`;
  const steps = Array.isArray(label) ? label.length : 1;
  const gives =
    task === 'classification'
      ? `one of ${names?.length ?? 'several'} classes`
      : `${steps === 1 ? 'a number' : `${steps} numbers`}${unit === undefined ? '' : `, ${unit}`}`;
  return `Takes ${takes}, answers ${gives}.`;
}
