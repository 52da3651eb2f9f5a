// What import found, changed and guessed, and how the test run went.
import { Anchor, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { ConsoleModel } from '../../../wire.ts';
import { findMetric } from '../agreement.ts';
import classes from '../console.module.css';
import { Notice } from '../parts/Notice.tsx';
import { toCount, toSize } from '../words.ts';
import page from './report.module.css';

export function Report({ model }: { model: ConsoleModel }) {
  const { report } = model;
  const { changes = [], notes = [], unused_columns: unused = [], operators = [] } = report;
  const producer = typeof report.producer === 'string' ? report.producer : '';
  return (
    <div className={page.report}>
      <Agreement model={model} />
      <section className={`${classes.card} ${classes.padded}`} aria-label="Figures">
        <h2 className={classes.caps}>The file</h2>
        <dl className={`${classes.facts} ${page.figures}`}>
          <Fact name="Rows tested">{report.test_run == null ? 'none' : toCount(report.test_run.rows, 'row')}</Fact>
          {report.size_bytes !== undefined && <Fact name="Size">{toSize(report.size_bytes)}</Fact>}
          {report.memory_estimate_bytes !== undefined && (
            <Fact name="Memory when loaded">about {toSize(report.memory_estimate_bytes)}</Fact>
          )}
          {producer !== '' && <Fact name="Made by">{producer}</Fact>}
        </dl>
      </section>
      {notes.length > 0 && (
        <section className={`${classes.card} ${classes.padded} ${page.wide}`}>
          <h2 className={classes.caps}>{model.tutorial ? 'About it' : 'What Postern had to guess'}</h2>
          <ul className={page.sentences}>
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
          {!model.tutorial && (
            <Anchor component={Link} href={`/console/models/${model.id}/manifest`} size="sm" fw={550}>
              Review what was learnt
            </Anchor>
          )}
        </section>
      )}
      {changes.length + unused.length + operators.length > 0 && (
        <section className={`${classes.card} ${classes.padded} ${page.wide} ${page.lists}`}>
          {changes.length > 0 && (
            <div>
              <h2 className={classes.caps}>Changed in the file</h2>
              <ul className={page.sentences}>
                {changes.map((change) => (
                  <li key={change}>{change}</li>
                ))}
              </ul>
            </div>
          )}
          {unused.length > 0 && <Names title="Columns that it does not use" names={unused} />}
          {operators.length > 0 && <Names title="Operators" names={operators} />}
        </section>
      )}
    </div>
  );
}

function Agreement({ model }: { model: ConsoleModel }) {
  const metric = findMetric(model.report);
  if (metric === null) {
    return (
      <section className={`${classes.card} ${classes.padded}`}>
        <h2 className={classes.caps}>Agreement with your labels</h2>
        <p className={page.metric}>—</p>
        <Text size="sm" c="dimmed">
          {model.tutorial
            ? 'The tutorial was not imported, so nothing was measured.'
            : 'Not measured: that takes a CSV with the label column, of a model whose rows a CSV can hold.'}
        </Text>
      </section>
    );
  }
  return (
    <section className={`${classes.card} ${classes.padded}`}>
      <h2 className={classes.caps}>Agreement with your labels</h2>
      <p className={page.metric} data-low={metric.warning !== null || undefined}>
        {metric.value} <small>{metric.name}</small>
      </p>
      <svg className={page.scale} viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true">
        <rect width="100" height="2" fill="var(--line)" />
        <rect width={100 * metric.share} height="2" fill={metric.warning === null ? 'var(--accent)' : 'var(--low)'} />
        {metric.baseline !== null && <rect x={100 * metric.baseline - 0.25} width="0.5" height="2" fill="var(--ink)" />}
      </svg>
      <Text size="sm" c="dimmed">
        {metric.meaning}
        {model.versions[0]?.source === 'amendment' &&
          ' It was measured at the upload, before the manifest was amended.'}
      </Text>
      {metric.warning !== null && (
        <div className={page.warning}>
          <Notice tone="warn" title="This is low">
            {metric.warning}
          </Notice>
        </div>
      )}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Names({ title, names }: { title: string; names: readonly string[] }) {
  return (
    <div>
      <h2 className={classes.caps}>{title}</h2>
      <p className={page.names}>
        {names.map((name) => (
          <code key={name}>{name}</code>
        ))}
      </p>
    </div>
  );
}
