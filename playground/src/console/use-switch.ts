// The switch of a pipeline: on, off, to another version, or on in the place of another model.
import { useQueryClient } from '@tanstack/react-query';
import type { ConsoleModel } from '../../wire.ts';
import { ApiFailure } from '../transport.ts';
import { consoleApi } from './api.ts';
import { storeModel } from './model-cache.ts';
import { useCall } from './use-call.ts';

export interface Holder {
  readonly id: string;
  readonly name: string;
}

export type Wish =
  | { readonly on: false }
  /** @param instead the model that gives its place of the plan. */
  | { readonly on: true; readonly version?: number; readonly instead?: string };

export interface PipelineSwitch {
  readonly set: (wish: Wish) => void;
  readonly pending: boolean;
  /** What is wished for while it is asked for. */
  readonly wish: Wish | null;
  readonly error: Error | null;
  /** Where the plan has no place: who holds them. */
  readonly holders: readonly Holder[] | null;
  readonly reset: () => void;
}

export function useSwitch(id: string, onDone?: (model: ConsoleModel) => void): PipelineSwitch {
  const queries = useQueryClient();
  const { mutate, isPending, variables, error, reset } = useCall({
    mutationFn: async (wish: Wish): Promise<ConsoleModel> => {
      if (!wish.on) return consoleApi.deactivate(id);
      if (wish.instead !== undefined) storeModel(queries, await consoleApi.deactivate(wish.instead));
      return consoleApi.activate(id, wish.version);
    },
    onSuccess: (model) => {
      storeModel(queries, model);
      onDone?.(model);
    },
  });
  return {
    set: mutate,
    pending: isPending,
    wish: isPending ? variables : null,
    error,
    holders: findHolders(error),
    reset,
  };
}

export function findHolders(error: unknown): readonly Holder[] | null {
  if (!(error instanceof ApiFailure) || error.body.code !== 'quota_exceeded') return null;
  const active = error.body.active ?? [];
  return active.filter((each): each is Holder => 'id' in each && 'name' in each);
}
