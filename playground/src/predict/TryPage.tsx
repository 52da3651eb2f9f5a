// The playground: which models there are, and the one that is being tried.
import { Alert, Code, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { PipelineSchema } from '../../../worker/contract.ts';
import type { Demo } from '../../wire.ts';
import { Failure } from '../shell/Failure.tsx';
import { NotFound } from '../shell/NotFound.tsx';
import { useDemos } from '../shell/Shell.tsx';
import { transport } from '../transport.ts';
import { DemoNav } from './DemoNav.tsx';
import classes from './predict.module.css';
import { type Tab, Workbench } from './Workbench.tsx';

export function isTab(text: string): text is Tab {
  return text === 'row' || text === 'csv' || text === 'server';
}

/** @param slug null: the first demo. */
export function TryPage({ slug, tab }: { slug: string | null; tab: Tab }) {
  const demos = useDemos();
  if (demos.error !== null) {
    return <Failure error={demos.error} what="The demos cannot be loaded" onRetry={() => void demos.refetch()} />;
  }
  if (demos.data === undefined) return <Waiting />;
  const list = demos.data.demos;
  if (list.length === 0) {
    return (
      <Alert color="gray" title="No pipeline to try yet">
        <Text size="sm">
          This playground shows the pipelines that its secret <Code>DEMOS</Code> names, and none of them answers at the
          moment. On your machine <Code>npm start</Code> sets five of them up.
        </Text>
      </Alert>
    );
  }
  const demo = slug === null ? list[0] : list.find((each) => each.slug === slug);
  if (demo === undefined) return <NotFound what="The playground has no model of this name." />;
  return (
    <div className={classes.page}>
      <DemoNav demos={list} current={demo.slug} />
      <Loaded key={demo.slug} demo={demo} tab={tab} />
    </div>
  );
}

function Loaded({ demo, tab }: { demo: Demo; tab: Tab }) {
  const schema = useQuery({
    queryKey: ['schema', demo.slug],
    queryFn: () => transport.json<PipelineSchema>(`/demo/${demo.slug}/schema`),
  });
  if (schema.error !== null) {
    return (
      <Failure error={schema.error} what={`${demo.title} cannot be loaded`} onRetry={() => void schema.refetch()} />
    );
  }
  return schema.data === undefined ? <Waiting /> : <Workbench demo={demo} schema={schema.data} tab={tab} />;
}

function Waiting() {
  return (
    <Stack aria-busy="true" gap="lg">
      <Skeleton h={36} maw={420} />
      <Skeleton h={420} />
    </Stack>
  );
}
