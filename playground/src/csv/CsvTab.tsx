// A CSV of any size, predicted as it is read: dropped, chosen, pasted, or the sample. Loaded when somebody opens the tab.
import { Anchor } from '@mantine/core';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useDropzone } from 'react-dropzone';
import { Link } from 'wouter';
import type { PipelineSchema } from '../../../worker/contract.ts';
import { Beginning } from './Beginning.tsx';
import classes from './csv.module.css';
import { RunView } from './RunView.tsx';
import { toSampleCsv } from './sample.ts';
import { getRunStore } from './store.ts';
import { usePastedText } from './use-pasted-text.ts';

const SAMPLE_ROWS = 250;

interface Props {
  readonly slug: string;
  readonly schema: PipelineSchema;
}

export default function CsvTab({ slug, schema }: Props) {
  return schema.features.every(({ type }) => type === 'image') ? (
    <ImagesOnly slug={slug} />
  ) : (
    <CsvBench slug={slug} schema={schema} />
  );
}

function CsvBench({ slug, schema }: Props) {
  const store = getRunStore(slug);
  const state = useSyncExternalStore(store.subscribe, store.getState);
  const [refusal, setRefusal] = useState<string | null>(null);
  const bench = useRef<HTMLElement>(null);
  const sample = useMemo(() => new File([toSampleCsv(schema, SAMPLE_ROWS)], `${slug} sample.csv`), [schema, slug]);
  const isIdle = state.phase === 'idle';

  const start = (file: File): void => {
    const isRunning = store.getState().phase === 'running';
    setRefusal(isRunning ? 'Cancel this run before you begin another one.' : null);
    if (!isRunning) store.start(file, schema);
  };
  const { getRootProps, getInputProps, open, isDragActive } = useDropzone({
    multiple: false,
    noClick: true,
    noKeyboard: true,
    onDropAccepted: ([file]) => file && start(file),
    onDropRejected: () => setRefusal('One file at a time, please.'),
  });
  usePastedText((text) => start(new File([text], 'pasted rows.csv')));

  // What had the focus has gone with the view it was in.
  const before = useRef(state.phase);
  useEffect(() => {
    const isOther = before.current !== state.phase;
    before.current = state.phase;
    if (isOther && document.activeElement === document.body) bench.current?.focus({ preventScroll: !isIdle });
  }, [state.phase, isIdle]);

  return (
    <div {...getRootProps()} className={classes.zone} data-over={isDragActive || undefined}>
      <input {...getInputProps({ 'aria-label': 'CSV file' })} />
      <section ref={bench} tabIndex={-1} aria-label="Predict a CSV" className={classes.bench}>
        {refusal !== null && (
          <p className={classes.note} role="alert">
            {refusal}
          </p>
        )}
        {isIdle ? (
          <Beginning schema={schema} sample={sample} onFile={start} onChoose={open} isOver={isDragActive} />
        ) : (
          <RunView state={state} store={store} schema={schema} />
        )}
      </section>
    </div>
  );
}

function ImagesOnly({ slug }: { slug: string }) {
  return (
    <section className={classes.card}>
      <h2 className={classes.heading}>Images do not travel in a CSV</h2>
      <p className={classes.soft}>
        This model takes a picture, and a table of cells is no good way to send one. Drop, draw or choose it under{' '}
        <Anchor component={Link} href={`/try/${slug}`} underline="always">
          Try it
        </Anchor>
        ; many pictures go one request each, or as NDJSON from your server.
      </p>
    </section>
  );
}
