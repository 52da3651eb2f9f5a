// Models as they are kept between answers: every answer that holds one refreshes it wherever it is shown, and what is
// on its way to being live is asked for until it has arrived.
import { type InfiniteData, type QueryClient, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { ConsoleModel, ConsoleModelList, ConsolePipeline } from '../../wire.ts';
import { consoleApi, keys } from './api.ts';

const POLL_MS = 300;
/** Where storage does not answer, which may last. */
const DELAYED_POLL_MS = 2000;

export type ModelPages = InfiniteData<ConsoleModelList, string | null>;

/** Whether the pipeline changes by itself. */
export function isMoving({ status, candidate }: ConsolePipeline): boolean {
  return status === 'deploying' || candidate !== undefined;
}

/** @returns when to look again, or false. */
export function toPollInterval(pipeline: ConsolePipeline | undefined): number | false {
  if (pipeline === undefined || !isMoving(pipeline)) return false;
  return pipeline.reason === undefined ? POLL_MS : DELAYED_POLL_MS;
}

/** Whether it takes a place of the plan. */
export function isOn({ status }: ConsolePipeline): boolean {
  return status === 'active' || status === 'deploying';
}

export function getNewest(model: ConsoleModel): number {
  return model.versions[0]?.version ?? 1;
}

/** What is known of a model without asking: from its page, or from the list. */
function findModel(queries: QueryClient, id: string): ConsoleModel | undefined {
  const listed = (): ConsoleModel | undefined =>
    queries
      .getQueryData<ModelPages>(keys.models)
      ?.pages.flatMap(({ models }) => models)
      .find((each) => each.id === id);
  return queries.getQueryData<ConsoleModel>(keys.model(id)) ?? listed();
}

export function storeModel(queries: QueryClient, model: ConsoleModel): void {
  const before = findModel(queries, model.id);
  queries.setQueryData(keys.model(model.id), model);
  putIntoList(queries, model);
  if (before === undefined || JSON.stringify(before) === JSON.stringify(model)) return;
  void queries.invalidateQueries({ queryKey: keys.account });
  void queries.invalidateQueries({ queryKey: keys.events(model.id) });
}

function putIntoList(queries: QueryClient, model: ConsoleModel): void {
  queries.setQueryData<ModelPages>(keys.models, (data) => {
    if (data === undefined) return data;
    const pages = data.pages.map((page) => ({
      ...page,
      models: page.models.map((each) => (each.id === model.id ? model : each)),
    }));
    return { ...data, pages };
  });
}

export function useStoreModel(): (model: ConsoleModel) => void {
  const queries = useQueryClient();
  return useCallback((model) => storeModel(queries, model), [queries]);
}

export function toQuery(queries: QueryClient, id: string) {
  const queryKey = keys.model(id);
  const getState = () => queries.getQueryState<ConsoleModel>(queryKey);
  return {
    queryKey,
    queryFn: async (): Promise<ConsoleModel> => {
      const before = getState()?.dataUpdateCount;
      const model = await consoleApi.getModel(id);
      // What was stored meanwhile is the answer to a change, and this one may be from before it.
      const now = getState();
      if (now?.data !== undefined && now.dataUpdateCount !== before) return now.data;
      storeModel(queries, model);
      return model;
    },
    refetchInterval: (query: { state: { data?: ConsoleModel | undefined } }): number | false =>
      toPollInterval(query.state.data?.pipeline),
  };
}

export function useModel(id: string) {
  const queries = useQueryClient();
  return useQuery({
    ...toQuery(queries, id),
    staleTime: 0,
    initialData: () => findModel(queries, id),
  });
}

/** Follows those of a list that are on their way. */
export function useFollow(models: readonly ConsoleModel[]): void {
  const queries = useQueryClient();
  const moving = models.filter(({ pipeline }) => isMoving(pipeline));
  useQueries({ queries: moving.map((model) => ({ ...toQuery(queries, model.id), initialData: model })) });
}
