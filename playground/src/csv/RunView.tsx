// A run, from its first answer to what is left of it.
import { memo } from 'react';
import type { PipelineSchema } from '../../../worker/contract.ts';
import classes from './csv.module.css';
import { FailureCard } from './FailureCard.tsx';
import { PreviewTable } from './PreviewTable.tsx';
import { ProgressCard } from './ProgressCard.tsx';
import { SummaryCard } from './SummaryCard.tsx';
import type { RunState, RunStore } from './store.ts';

const Preview = memo(PreviewTable);
const Summary = memo(SummaryCard);

export function RunView({ state, store, schema }: { state: RunState; store: RunStore; schema: PipelineSchema }) {
  return (
    <div className={classes.run}>
      <ProgressCard state={state} onCancel={store.cancel} onClear={store.clear} />
      {state.failure !== null && (
        <FailureCard failure={state.failure} schema={schema} rows={state.rows} onGoOn={store.goOn} />
      )}
      {state.summary !== null && <Summary summary={state.summary} />}
      {state.preview !== null && <Preview preview={state.preview} unit={schema.unit ?? null} />}
    </div>
  );
}
