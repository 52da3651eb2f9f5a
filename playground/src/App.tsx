// Which page an address shows. The console is loaded when somebody goes there.
import { Skeleton, Stack } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { isTab, TryPage } from './predict/TryPage.tsx';
import { NotFound } from './shell/NotFound.tsx';
import { Shell } from './shell/Shell.tsx';

const ConsolePage = lazy(() => import('./console/ConsolePage.tsx'));

export function App() {
  return (
    <Shell>
      <Switch>
        <Route path="/">{() => <TryPage slug={null} tab="row" />}</Route>
        <Route path="/try/:slug/:tab?">
          {({ slug, tab = 'row' }) => (isTab(tab) ? <TryPage slug={slug} tab={tab} /> : <NotFound />)}
        </Route>
        <Route path="/console/*?">
          {() => (
            <Suspense fallback={<Waiting />}>
              <ConsolePage />
            </Suspense>
          )}
        </Route>
        <Route>{() => <NotFound />}</Route>
      </Switch>
    </Shell>
  );
}

function Waiting() {
  return (
    <Stack aria-busy="true">
      <Skeleton h={40} w={280} />
      <Skeleton h={320} />
    </Stack>
  );
}
