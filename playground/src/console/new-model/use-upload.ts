// An upload on its way: how far it is, how it ended, and how to stop it.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { ConsoleModel } from '../../../wire.ts';
import { keys, toUploadPath } from '../api.ts';
import { storeModel } from '../model-cache.ts';
import { type Progress, upload } from '../upload.ts';
import { useCall } from '../use-call.ts';
import { type Refusal, toRefusal } from './refusals.ts';

export interface Upload {
  readonly start: (form: FormData) => void;
  readonly cancel: () => void;
  /** null: nothing is on its way. */
  readonly progress: Progress | null;
  readonly refusal: Refusal | null;
}

/** @param modelId null: a new model. Its page opens when it has arrived. */
export function useUpload(modelId: string | null): Upload {
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [progress, setProgress] = useState<Progress>({ sent: 0, total: 0 });
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const { mutate, isPending, error } = useCall({
    mutationFn: (form: FormData) => {
      running.current = new AbortController();
      setProgress({ sent: 0, total: 0 });
      return upload<ConsoleModel>(toUploadPath(modelId), form, setProgress, running.current.signal);
    },
    onSuccess: (model) => {
      storeModel(queries, model);
      void queries.invalidateQueries({ queryKey: keys.models });
      void queries.invalidateQueries({ queryKey: keys.account });
      navigate(`/console/models/${model.id}`);
    },
  });
  return {
    start: mutate,
    cancel: () => running.current?.abort(),
    progress: isPending ? progress : null,
    refusal: error === null || isCancelled(error) ? null : toRefusal(error),
  };
}

function isCancelled(error: Error): boolean {
  return error.name === 'AbortError';
}
