// How far a deployment is, step by step, from the audit log while it happens.

import { IconCheck, IconCircle, IconLoader2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ConsoleModel } from '../../../wire.ts';
import { consoleApi, keys } from '../api.ts';
import { toSteps } from '../event-words.ts';
import { toPollInterval } from '../model-cache.ts';
import page from './model.module.css';

const ICONS = { done: IconCheck, now: IconLoader2, next: IconCircle };

export function Steps({ model: { id, pipeline } }: { model: ConsoleModel }) {
  const { data } = useQuery({
    queryKey: keys.steps(id),
    queryFn: () => consoleApi.listEvents(id, 10, null),
    refetchInterval: toPollInterval(pipeline),
    staleTime: 0,
    gcTime: 0,
  });
  return (
    <ol className={page.steps}>
      {toSteps(data?.events ?? []).map(({ text, state }) => {
        const Icon = ICONS[state];
        return (
          <li key={text} data-step={state} aria-current={state === 'now' ? 'step' : undefined}>
            <Icon size={16} aria-hidden />
            {text}
          </li>
        );
      })}
    </ol>
  );
}
