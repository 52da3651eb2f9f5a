// The owner's side: everything under /console, behind one sign-in.
import { lazy, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { Failure } from '../shell/Failure.tsx';
import { NotFound } from '../shell/NotFound.tsx';
import classes from './console.module.css';
import { ModelsPage } from './list/ModelsPage.tsx';
import { Waiting } from './parts/Waiting.tsx';
import { SignIn } from './SignIn.tsx';
import { useSession, useSessionEnd } from './session.ts';

const UploadPage = lazy(() => import('./new-model/UploadPage.tsx'));
const ModelPage = lazy(() => import('./model/ModelPage.tsx'));

export default function ConsolePage() {
  return (
    <div className={classes.console}>
      <Gate />
    </div>
  );
}

function Gate() {
  const session = useSession();
  const { ended, begin } = useSessionEnd();
  if (session.data === undefined) {
    return session.error === null ? (
      <div className={classes.page}>
        <Waiting heights={[120, 320]} />
      </div>
    ) : (
      <Failure error={session.error} what="The console cannot be loaded" onRetry={() => void session.refetch()} />
    );
  }
  if (session.data.account === null) return <SignIn ended={ended} onSignedIn={begin} />;
  return (
    <Suspense
      fallback={
        <div className={classes.page}>
          <Waiting heights={[160, 320]} />
        </div>
      }
    >
      <Switch>
        <Route path="/console">{() => <ModelsPage />}</Route>
        <Route path="/console/models/new">{() => <UploadPage modelId={null} />}</Route>
        <Route path="/console/models/:id/versions/new">{({ id }) => <UploadPage modelId={id} />}</Route>
        <Route path="/console/models/:id/:tab?">
          {({ id, tab }) => <ModelPage key={id} id={id} tab={tab ?? 'report'} />}
        </Route>
        <Route>{() => <NotFound what="The console has no page at this address." />}</Route>
      </Switch>
    </Suspense>
  );
}
