// What happened to the model, when and by whom: the audit log in plain words, the newest first.
import { Button, Skeleton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ConsoleModel } from '../../../wire.ts';
import { Failure } from '../../shell/Failure.tsx';
import { consoleApi, keys } from '../api.ts';
import classes from '../console.module.css';
import { toEventWords } from '../event-words.ts';
import { toAgo, toDate } from '../words.ts';
import page from './log.module.css';

const PAGE_ITEMS = 20;

export function Activity({ model }: { model: ConsoleModel }) {
  const log = useInfiniteQuery({
    queryKey: keys.events(model.id),
    queryFn: ({ pageParam }) => consoleApi.listEvents(model.id, PAGE_ITEMS, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    staleTime: 0,
  });
  const events = log.data?.pages.flatMap((each) => each.events);
  const now = Date.now();
  if (events === undefined) {
    return log.error === null ? (
      <Skeleton h={220} radius={14} />
    ) : (
      <Failure error={log.error} what="The log cannot be loaded" onRetry={() => void log.refetch()} />
    );
  }
  return (
    <section className={`${classes.card} ${classes.padded}`}>
      <h2 className={classes.caps}>What happened</h2>
      <ol className={page.log}>
        {events.map((event, i) => {
          const { text, by, tone } = toEventWords(event);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: entries have no id, and two may be of one millisecond
            <li key={`${event.at}${i}`} data-tone={tone}>
              <div>
                <b>{text}</b>
                <small>
                  by {by},{' '}
                  <time dateTime={event.at} title={toDate(event.at)}>
                    {toAgo(event.at, now)}
                  </time>
                </small>
              </div>
              {event.reason !== null && <p>{event.reason}</p>}
            </li>
          );
        })}
      </ol>
      {log.hasNextPage && (
        <Button
          variant="default"
          size="sm"
          mt="md"
          loading={log.isFetchingNextPage}
          onClick={() => void log.fetchNextPage()}
        >
          Show older
        </Button>
      )}
    </section>
  );
}
