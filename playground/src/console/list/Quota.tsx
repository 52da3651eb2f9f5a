// The plan at a glance: how many places it has, who holds them, and what does not count.
import { Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { consoleApi, keys } from '../api.ts';
import classes from '../console.module.css';
import meter from './list.module.css';

/** More places than this are drawn as one bar. */
const CELLS = 20;

export function Quota() {
  const { data: account } = useQuery({ queryKey: keys.account, queryFn: consoleApi.getAccount });
  if (account === undefined) return <Skeleton h={104} radius={14} />;
  const { used, limit, counted, not_counted: free } = account.quota;
  return (
    <section className={`${classes.card} ${meter.quota}`} aria-label="Your plan">
      <div>
        <h2 className={classes.caps}>Active models</h2>
        <p className={meter.used}>
          {used} <small>of {limit}</small>
        </p>
      </div>
      <div className={meter.middle}>
        {limit <= CELLS ? (
          <div className={meter.cells} aria-hidden="true">
            {Array.from({ length: limit }, (_, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: places have no identity
              <i key={i} data-taken={i < used || undefined} />
            ))}
          </div>
        ) : (
          <svg className={meter.bar} aria-hidden="true" preserveAspectRatio="none" viewBox="0 0 100 1">
            <rect width="100" height="1" fill="var(--line)" />
            <rect width={(100 * used) / limit} height="1" fill="var(--accent)" />
          </svg>
        )}
        <Text size="sm" c="dimmed">
          {counted.length === 0
            ? 'None of your models is active.'
            : counted.slice(0, 5).map(({ id, name }, i) => (
                <span key={id}>
                  {i > 0 && ', '}
                  <Link href={`/console/models/${id}`} className={meter.holder}>
                    {name}
                  </Link>
                </span>
              ))}
          {counted.length > 5 && ` and ${counted.length - 5} more`}
          {counted.length > 0 && '.'}
          {free.length > 0 && ' The tutorial does not count.'}
        </Text>
      </div>
      <div className={meter.plan}>
        <h2 className={classes.caps}>Plan</h2>
        <p>{account.plan}</p>
      </div>
    </section>
  );
}
