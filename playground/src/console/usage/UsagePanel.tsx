// How much a model is used: calls per hour, how they ended, what is left of the day's cap, and which pages called.
import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ConsoleModel } from '../../../wire.ts';
import { Failure } from '../../shell/Failure.tsx';
import { consoleApi, keys } from '../api.ts';
import table from '../model/table.module.css';
import { CallsCard } from './CallsCard.tsx';
import { CapCard } from './CapCard.tsx';
import { PagesCard } from './PagesCard.tsx';

/** The numbers are some seconds behind themselves. */
const POLL_MS = 10_000;

export default function UsagePanel({ model }: { model: ConsoleModel }) {
  const usage = useQuery({
    queryKey: keys.usage(model.id),
    queryFn: () => consoleApi.getUsage(model.id),
    refetchInterval: POLL_MS,
    staleTime: 0,
  });
  if (usage.data === undefined) {
    return usage.error === null ? (
      <Skeleton h={320} radius={14} />
    ) : (
      <Failure error={usage.error} what="The usage cannot be loaded" onRetry={() => void usage.refetch()} />
    );
  }
  return (
    <div className={table.stack}>
      <CallsCard usage={usage.data} />
      <CapCard model={model} cap={usage.data.cap} />
      {usage.data.page_calls.calls > 0 && <PagesCard pages={usage.data.page_calls} />}
    </div>
  );
}
