// One run of a pipeline as the page sees it. It lives outside of the page: a look at another tab does not end it.
import type { PipelineSchema } from '../../../worker/contract.ts';
import { readChunks } from './chunks.ts';
import type { Downloads } from './downloads.ts';
import { type RunFailure, RunStopped, toUnreadable } from './failure.ts';
import { ChunkQueue, predictChunks } from './run.ts';
import { createSendDeps, type SendDeps, type Wait } from './send.ts';
import { readText } from './source.ts';
import { type Counted, createTally } from './tally.ts';

/** Between two renderings. */
const PUBLISH_MS = 100;

export interface RunState extends Counted {
  readonly phase: 'idle' | 'running' | 'stopped' | 'cancelled' | 'done';
  readonly name: string;
  readonly size: number;
  readonly wait: Wait | null;
  readonly failure: RunFailure | null;
  /** Of a run that has ended, however it did, with a row or more. */
  readonly downloads: Downloads | null;
}

const IDLE: RunState = {
  phase: 'idle',
  name: '',
  size: 0,
  rows: 0,
  share: 0,
  rowsPerSecond: null,
  secondsLeft: null,
  seconds: 0,
  wait: null,
  failure: null,
  summary: null,
  preview: null,
  downloads: null,
};

export interface RunStore {
  subscribe(listener: () => void): () => void;
  getState(): RunState;
  start(file: File, schema: PipelineSchema): void;
  /** After `stopped`, from the first row that is not answered. */
  goOn(): void;
  cancel(): void;
  /** Back to the beginning; everything of the run is let go. */
  clear(): void;
}

export function createRunStore(deps: SendDeps, now: () => number = () => performance.now()): RunStore {
  const listeners = new Set<() => void>();
  let state = IDLE;
  let current = new AbortController();
  let run: () => Promise<void> = async () => undefined;

  const publish = (next: Partial<RunState>): void => {
    state = { ...state, ...next };
    for (const listener of listeners) listener();
  };

  const createRun = (file: File, schema: PipelineSchema, control: AbortController) => {
    const { signal } = control;
    const queue = new ChunkQueue(readChunks(readText(file, signal), schema));
    const tally = createTally(file, schema, now);
    // What is left of a run that another one has replaced is of no interest.
    const show = (next: Partial<RunState>): void => {
      if (current === control) publish(next);
    };
    return async (): Promise<void> => {
      tally.begin();
      show({ phase: 'running', failure: null, wait: null, downloads: null });
      const timer = setInterval(() => show(tally.count()), PUBLISH_MS);
      const end = (next: Partial<RunState>): void => {
        const counted = tally.end(next.phase === 'done');
        show({ ...counted, wait: null, downloads: counted.rows > 0 ? tally.downloads : null, ...next });
      };
      try {
        for await (const answered of predictChunks(queue, deps, signal, (wait) => show({ wait }))) {
          tally.add(answered);
          if (state.preview === null) show(tally.count());
        }
        end({ phase: 'done' });
      } catch (error) {
        if (signal.aborted) end({ phase: 'cancelled' });
        else end({ phase: 'stopped', failure: toFailure(error) });
      } finally {
        clearInterval(timer);
      }
    };
  };

  const replace = (): AbortController => {
    current.abort();
    current = new AbortController();
    return current;
  };

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getState: () => state,
    start(file, schema) {
      run = createRun(file, schema, replace());
      publish({ ...IDLE, name: file.name, size: file.size });
      void run();
    },
    goOn() {
      if (state.phase === 'stopped') void run();
    },
    cancel: () => current.abort(),
    clear() {
      replace();
      run = async () => undefined;
      publish(IDLE);
    },
  };
}

const stores = new Map<string, RunStore>();

/** The run of a pipeline, which waits for those who look at something else. */
export function getRunStore(slug: string): RunStore {
  const store = stores.get(slug) ?? createRunStore(createSendDeps(slug));
  stores.set(slug, store);
  return store;
}

function toFailure(error: unknown): RunFailure {
  if (error instanceof RunStopped) return error.failure;
  console.error(error);
  return toUnreadable('Something went wrong in this page. Reload it and choose the file again.');
}
