// Every version of a model, which one is live, and the way back to any of them.
import { Badge, Button } from '@mantine/core';
import { useState } from 'react';
import type { ConsoleModel } from '../../../wire.ts';
import classes from '../console.module.css';
import { Notice } from '../parts/Notice.tsx';
import { QuotaRefusal } from '../parts/QuotaRefusal.tsx';
import { useSwitch } from '../use-switch.ts';
import { TASKS, toCount, toDate, toSize } from '../words.ts';
import page from './table.module.css';

const SOURCES = { upload: 'Upload', amendment: 'Amended manifest', tutorial: 'Tutorial' };

export function Versions({ model }: { model: ConsoleModel }) {
  const { pipeline, versions } = model;
  const api = useSwitch(model.id);
  const [asked, setAsked] = useState<number | null>(null);
  const live = pipeline.status === 'active' ? pipeline.version : null;
  const coming = pipeline.candidate ?? (pipeline.status === 'deploying' ? pipeline.version : null);

  function activate(version: number): void {
    setAsked(version);
    api.set({ on: true, version });
  }

  return (
    <div className={page.stack}>
      {api.holders !== null && <QuotaRefusal name={model.name} pipeline={api} version={asked ?? undefined} />}
      {api.error !== null && api.holders === null && (
        <Notice tone="bad" role="alert">
          {api.error.message}
        </Notice>
      )}
      <section className={`${classes.card} ${page.tableCard}`}>
        <div className={page.tableHead}>
          <h2 className={classes.caps} id="versions-heading">
            {toCount(versions.length, 'version')}
          </h2>
        </div>
        <table className={page.table} aria-labelledby="versions-heading">
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col">Created</th>
              <th scope="col">Source</th>
              <th scope="col">Task</th>
              <th scope="col">Size</th>
              <th scope="col">Digest</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {versions.map(({ version, created_at, source, task, size_bytes, digest }) => (
              <tr key={version}>
                <th scope="row">
                  {version}{' '}
                  {version === live && (
                    <Badge size="sm" variant="light" ml={6}>
                      live
                    </Badge>
                  )}
                  {version === coming && (
                    <Badge size="sm" variant="light" color="yellow" ml={6}>
                      on its way
                    </Badge>
                  )}
                </th>
                <td data-label="Created">{toDate(created_at)}</td>
                <td data-label="Source">{SOURCES[source]}</td>
                <td data-label="Task">{TASKS[task]}</td>
                <td data-label="Size">{toSize(size_bytes)}</td>
                <td data-label="Digest">
                  <code title={digest}>{digest.slice(0, 8)}</code>
                </td>
                <td className={page.action}>
                  {version !== live && version !== coming && !model.tutorial && (
                    <Button
                      size="compact-sm"
                      variant="default"
                      loading={api.pending && asked === version}
                      disabled={api.pending}
                      onClick={() => activate(version)}
                    >
                      {live !== null && version < live
                        ? `Go back to version ${version}`
                        : `Activate version ${version}`}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
