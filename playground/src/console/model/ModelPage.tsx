// The review page of a model: its switch and its URL first, then what was learnt from the upload, and its history.
import { Tabs } from '@mantine/core';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { ConsoleModel } from '../../../wire.ts';
import { Failure } from '../../shell/Failure.tsx';
import { NotFound } from '../../shell/NotFound.tsx';
import { ApiFailure } from '../../transport.ts';
import classes from '../console.module.css';
import { useModel } from '../model-cache.ts';
import { Crumb } from '../parts/Crumb.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { Activity } from './Activity.tsx';
import { ApiCard } from './ApiCard.tsx';
import { Features } from './Features.tsx';
import { LeakNotice } from './LeakNotice.tsx';
import { ModelHeader } from './ModelHeader.tsx';
import page from './model.module.css';
import { Report } from './Report.tsx';
import { Versions } from './Versions.tsx';

const ReviewPanel = lazy(() => import('../review/ReviewPanel.tsx'));

const UsagePanel = lazy(() => import('../usage/UsagePanel.tsx'));

const TABS = {
  report: 'Report',
  usage: 'Usage',
  features: 'Features',
  manifest: 'Review',
  versions: 'Versions',
  activity: 'Activity',
} as const;
type TabName = keyof typeof TABS;

export default function ModelPage({ id, tab }: { id: string; tab: string }) {
  const model = useModel(id);
  if (!(tab in TABS)) return <NotFound what="A model has no such page." />;
  if (model.data !== undefined) return <Loaded model={model.data} tab={tab as TabName} />;
  return (
    <div className={classes.page}>
      <Crumb href="/console">Models</Crumb>
      {model.error === null ? (
        <Waiting heights={[150, 360]} />
      ) : model.error instanceof ApiFailure && model.error.status === 404 ? (
        <NotFound what="This account has no such model. It may have been deleted." />
      ) : (
        <Failure error={model.error} what="The model cannot be loaded" onRetry={() => void model.refetch()} />
      )}
    </div>
  );
}

function Loaded({ model, tab }: { model: ConsoleModel; tab: TabName }) {
  const [, navigate] = useLocation();
  // An editor that was opened keeps what was typed while another tab is looked at.
  const [reviewing, setReviewing] = useState(tab === 'manifest');
  if (tab === 'manifest' && !reviewing) setReviewing(true);
  const list = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: of another tab
  useEffect(() => {
    const chosen = list.current?.querySelector<HTMLElement>('[aria-selected="true"]');
    // On a narrow screen the tabs run out of it; only they are to move, not the page.
    if (list.current && chosen) list.current.scrollLeft = chosen.offsetLeft - list.current.offsetLeft - 40;
  }, [tab]);
  const home = `/console/models/${model.id}`;
  const shown = (Object.keys(TABS) as TabName[]).filter((name) => name !== 'manifest' || !model.tutorial);
  return (
    <div className={classes.page}>
      <Crumb href="/console">Models</Crumb>
      <ModelHeader model={model} />
      <ApiCard model={model} />
      <LeakNotice model={model} />
      <Tabs
        value={tab}
        onChange={(name) => navigate(name === null || name === 'report' ? home : `${home}/${name}`)}
        mt="xl"
        classNames={{ list: page.tabs, tab: page.tab }}
      >
        <Tabs.List ref={list} aria-label="About the model">
          {shown.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {TABS[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="report" pt="lg" keepMounted={false}>
          <Report model={model} />
        </Tabs.Panel>
        <Tabs.Panel value="usage" pt="lg" keepMounted={false}>
          <Suspense fallback={<Waiting heights={[320, 180]} />}>
            <UsagePanel model={model} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="features" pt="lg" keepMounted={false}>
          <Features model={model} />
        </Tabs.Panel>
        {reviewing && (
          <Tabs.Panel value="manifest" pt="lg" keepMounted>
            <Suspense fallback={<Waiting heights={[320]} />}>
              <ReviewPanel model={model} />
            </Suspense>
          </Tabs.Panel>
        )}
        <Tabs.Panel value="versions" pt="lg" keepMounted={false}>
          <Versions model={model} />
        </Tabs.Panel>
        <Tabs.Panel value="activity" pt="lg" keepMounted={false}>
          <Activity model={model} />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}
