// The calls of the last hours: how many, as a chart, and how they ended.
import { Skeleton, Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { Usage } from '../../../../worker/contract.ts';
import classes from '../console.module.css';
import { Notice } from '../parts/Notice.tsx';
import { toCount, toNumber } from '../words.ts';
import page from './usage.module.css';
import { KIND_WORDS, KINDS, toBars, toEnds, toLimitWords } from './usage-words.ts';

const UsageChart = lazy(() => import('./UsageChart.tsx'));

export function CallsCard({ usage }: { usage: Usage }) {
  const bars = toBars(usage);
  const calls = usage.hours.reduce((sum, hour) => sum + hour.calls, 0);
  const predictions = usage.hours.reduce((sum, hour) => sum + hour.predictions, 0);
  const sums = KINDS.map((kind) => `${KIND_WORDS[kind]}: ${bars.reduce((sum, bar) => sum + bar[kind], 0)}`);
  return (
    <section className={`${classes.card} ${classes.padded} ${page.calls}`} aria-labelledby="calls-heading">
      <h2 className={classes.caps} id="calls-heading">
        The last {usage.hours.length} hours
      </h2>
      {calls === 0 ? (
        <Text size="sm" c="dimmed" mt="sm">
          Nobody has called yet. Calls show here some seconds after they were made.
        </Text>
      ) : (
        <>
          <p className={page.sum}>
            <b>{toCount(calls, 'call')}</b>, {toCount(predictions, 'prediction')}
          </p>
          <div role="img" aria-label={`Calls per hour. ${sums.join(', ')}`} className={page.chart}>
            <Suspense fallback={<Skeleton h={240} radius={10} />}>
              <UsageChart bars={bars} />
            </Suspense>
          </div>
          {toLimitWords(usage).map((words) => (
            <Notice key={words} tone="warn">
              {words}
            </Notice>
          ))}
          <table className={page.ends} aria-label="How the calls ended">
            <tbody>
              {toEnds(usage).map(({ code, text, calls: n }) => (
                <tr key={code}>
                  <th scope="row">
                    {text} {code !== 'ok' && <code>{code}</code>}
                  </th>
                  <td>{toNumber(n, 9)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}
