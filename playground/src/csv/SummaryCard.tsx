// All answers at a glance: a chart, and the same in numbers.
import { Skeleton, Table } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { toPercent, toReadable } from '../numbers.ts';
import classes from './csv.module.css';
import type { ClassSummary, NumberSummary, Summary } from './summary.ts';
import { toCount } from './words.ts';

const SummaryChart = lazy(() => import('./SummaryChart.tsx'));

export function SummaryCard({ summary }: { summary: Summary }) {
  return (
    <section className={classes.card} aria-labelledby="csv-summary">
      <h2 id="csv-summary" className={classes.cardTitle}>
        {toTitle(summary)}
      </h2>
      <div
        className={classes.summary}
        data-single={(summary.kind === 'numbers' && summary.columns.length === 1) || undefined}
      >
        <Suspense fallback={<Skeleton h={240} />}>
          <SummaryChart summary={summary} />
        </Suspense>
        {summary.kind === 'classes' ? <Classes summary={summary} /> : <Numbers summary={summary} />}
      </div>
    </section>
  );
}

function toTitle(summary: Summary): string {
  if (summary.kind === 'classes') return 'What was predicted';
  if (summary.columns.length === 1) return 'How the predictions are spread';
  return summary.isForecast ? 'The mean of each step' : 'The mean of each prediction';
}

function Classes({ summary: { classes: found, rows } }: { summary: ClassSummary }) {
  const isProbable = found.some(({ certainty }) => certainty !== null);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label="Classes in numbers">
      <Table className={classes.figures ?? ''}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Class</Table.Th>
            <Table.Th scope="col">Rows</Table.Th>
            <Table.Th scope="col">Share</Table.Th>
            {isProbable && <Table.Th scope="col">Mean probability</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {found.map(({ name, count, certainty }) => (
            <Table.Tr key={name}>
              <Table.Th scope="row">{name}</Table.Th>
              <Table.Td>{toCount(count)}</Table.Td>
              <Table.Td>{toPercent(count / rows)}</Table.Td>
              {isProbable && <Table.Td>{certainty === null ? '–' : toPercent(certainty)}</Table.Td>}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {isProbable && (
        <p className={classes.fine}>
          Mean probability: how sure the model was, on average, of the rows it counts here.
        </p>
      )}
    </section>
  );
}

function Numbers({ summary: { columns, unit } }: { summary: NumberSummary }) {
  const [only, ...more] = columns;
  if (only === undefined) return null;
  if (more.length === 0) {
    return (
      <dl className={classes.three}>
        {[
          { name: 'Least', value: only.min },
          { name: 'Mean', value: only.mean },
          { name: 'Greatest', value: only.max },
        ].map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {toReadable(value)} {unit !== null && <span className={classes.unit}>{unit}</span>}
            </dd>
          </div>
        ))}
      </dl>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label="Predictions in numbers">
      <Table className={classes.figures ?? ''}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{unit === null ? 'Prediction' : unit}</Table.Th>
            <Table.Th scope="col">Least</Table.Th>
            <Table.Th scope="col">Mean</Table.Th>
            <Table.Th scope="col">Greatest</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {columns.map(({ name, min, mean, max }) => (
            <Table.Tr key={name}>
              <Table.Th scope="row">{name}</Table.Th>
              <Table.Td>{toReadable(min)}</Table.Td>
              <Table.Td>{toReadable(mean)}</Table.Td>
              <Table.Td>{toReadable(max)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
