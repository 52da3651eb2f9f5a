// The prediction API of a model: one switch, the state it is in, and its URL while it answers.
import { Button, Switch, Text } from '@mantine/core';
import { useState } from 'react';
import type { ConsoleModel } from '../../../wire.ts';
import classes from '../console.module.css';
import { getNewest, isMoving, isOn } from '../model-cache.ts';
import { DeactivateModal } from '../parts/DeactivateModal.tsx';
import { Notice } from '../parts/Notice.tsx';
import { QuotaRefusal } from '../parts/QuotaRefusal.tsx';
import { useSwitch } from '../use-switch.ts';
import page from './model.module.css';
import { Steps } from './Steps.tsx';
import { toStateWords } from './state-words.ts';
import { UrlField } from './UrlField.tsx';

export function ApiCard({ model }: { model: ConsoleModel }) {
  const { pipeline, tutorial } = model;
  const api = useSwitch(model.id);
  const [asking, setAsking] = useState(false);
  const on = api.wish?.on ?? isOn(pipeline);
  const words = toStateWords(model, api.wish);
  const newest = getNewest(model);
  const waits = pipeline.status === 'active' && pipeline.candidate === undefined && newest !== pipeline.version;

  function change(wanted: boolean): void {
    if (tutorial || api.pending) return;
    if (!wanted && pipeline.status === 'active') setAsking(true);
    else api.set({ on: wanted });
  }

  return (
    <section className={`${classes.card} ${page.api}`} data-state={pipeline.status} aria-labelledby="api-heading">
      <div className={page.apiHead}>
        <Switch
          size="xl"
          checked={on}
          aria-labelledby="api-heading"
          aria-describedby="api-state"
          aria-disabled={tutorial || api.pending || undefined}
          onChange={({ currentTarget }) => change(currentTarget.checked)}
        />
        <div className={page.apiText}>
          <h2 className={`${classes.caps} ${page.target}`} id="api-heading" tabIndex={-1}>
            Prediction API
          </h2>
          <p className={page.apiState} id="api-state" role="status">
            {words.state}
          </p>
          <Text size="sm" c="dimmed">
            {words.detail}
          </Text>
        </div>
        {pipeline.status === 'failed' && !api.pending && (
          <Button variant="default" onClick={() => change(true)}>
            Try again
          </Button>
        )}
      </div>
      {words.problem !== null && (
        <Notice tone={pipeline.status === 'deploying' ? 'warn' : 'bad'} role="alert">
          {words.problem}
        </Notice>
      )}
      {isMoving(pipeline) && <Steps model={model} />}
      {api.holders !== null && <QuotaRefusal name={model.name} pipeline={api} />}
      {api.error !== null && api.holders === null && (
        <Notice tone="bad" role="alert">
          {api.error.message}
        </Notice>
      )}
      {pipeline.masked_url !== undefined && <UrlField model={model} masked={pipeline.masked_url} />}
      {waits && (
        <div className={page.waits}>
          <Text size="sm">
            <b>Version {newest} is not live yet.</b> Version {pipeline.version} answers until you activate it; the URL
            stays the same.
          </Text>
          <Button size="sm" loading={api.pending} onClick={() => api.set({ on: true, version: newest })}>
            Activate version {newest}
          </Button>
        </div>
      )}
      <DeactivateModal
        name={model.name}
        opened={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          api.set({ on: false });
        }}
      />
    </section>
  );
}
