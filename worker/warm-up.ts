// One prediction of the tutorial before the first request: what V8 compiles at the first call is compiled by then, in
// JavaScript and in the engine, which takes most of its time for any model.
import { ADMIT_ALL } from './admission.ts';
import type { SessionCache } from './inference/sessions.ts';
import { toPipeline } from './pipelines.ts';
import { predict } from './predict.ts';
import { tutorial } from './tutorial/tutorial.ts';
import { UNMETERED } from './usage/usage.ts';

export function warmUp(sessions: SessionCache): void {
  // Loading it would take longer than all the rest.
  if (sessions.find(tutorial.model.digest) === null) return;
  const { name, manifest, model } = tutorial;
  const record = { v: 1, state: 'active', account_id: '', model_id: '', name, version: 1, model, manifest } as const;
  const reader = {
    findPipeline: () => record,
    getPipeline: async () => record,
    readModel: () => {
      throw new Error('it is loaded');
    },
  };
  const { example } = toPipeline(record);
  predict(
    { admission: ADMIT_ALL, reader, sessions, usage: UNMETERED },
    { secret: '', search: example, accept: null, requestId: '', body: null },
  );
}
