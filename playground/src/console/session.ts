// Who is signed in, and the one place that notices when nobody is any more.
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import type { Session } from '../../wire.ts';
import { ApiFailure } from '../transport.ts';
import { consoleApi, keys } from './api.ts';

export function useSession() {
  return useQuery({ queryKey: keys.session, queryFn: consoleApi.getSession, staleTime: Number.POSITIVE_INFINITY });
}

export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiFailure && error.status === 401;
}

/** Everything that was read for an account goes with its session. */
export function enterSession(queries: QueryClient, session: Session): void {
  queries.removeQueries({ queryKey: keys.all, predicate: ({ queryKey }) => queryKey[1] !== 'session' });
  queries.setQueryData(keys.session, session);
  if (session.account !== null) queries.setQueryData(keys.account, session.account);
}

/** @returns whether a session has ended by itself, and a way to say that one has begun. */
export function useSessionEnd(): { ended: boolean; begin: (session: Session) => void } {
  const queries = useQueryClient();
  const [ended, setEnded] = useState(false);
  useEffect(() => {
    const notice = (error: unknown): void => {
      const session = queries.getQueryData<Session>(keys.session);
      if (!isSignedOut(error) || session?.account == null) return;
      setEnded(true);
      enterSession(queries, { account: null });
    };
    const stops = [
      queries.getQueryCache().subscribe((event) => {
        if (event.type === 'updated' && event.action.type === 'error') notice(event.action.error);
      }),
      queries.getMutationCache().subscribe((event) => {
        if (event.type === 'updated' && event.action.type === 'error') notice(event.action.error);
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [queries]);
  const begin = useCallback(
    (session: Session) => {
      setEnded(false);
      enterSession(queries, session);
    },
    [queries],
  );
  return { ended, begin };
}
