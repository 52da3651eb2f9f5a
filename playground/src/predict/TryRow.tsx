// A row and its answer side by side: the form asks for nothing but values, the answer follows each change.
import { ActionIcon, Group, Tooltip } from '@mantine/core';
import { IconArrowRight, IconArrowsShuffle, IconRestore } from '@tabler/icons-react';
import { Link } from 'wouter';
import type { PipelineSchema } from '../../../worker/contract.ts';
import type { Demo } from '../../wire.ts';
import type { Row } from '../row.ts';
import { AnswerCard } from './AnswerCard.tsx';
import { toChanceRow, toExampleRow } from './fields.ts';
import { LastAnswers } from './LastAnswers.tsx';
import classes from './predict.module.css';
import { RowForm } from './RowForm.tsx';
import { listSamples } from './samples.ts';
import { usePrediction } from './use-prediction.ts';

interface Props {
  demo: Demo;
  schema: PipelineSchema;
  row: Row;
  onRow: (row: Row) => void;
}

export function TryRow({ demo, schema, row, onRow }: Props) {
  const state = usePrediction(demo.slug, schema, row);
  const onlyImages = schema.features.every(({ type }) => type === 'image');
  return (
    <div className={classes.columns}>
      <div>
        <div className={classes.card}>
          <Group justify="space-between" className={classes.cardHead}>
            <h2>{onlyImages ? 'Image' : 'Values'}</h2>
            {!onlyImages && (
              <Group gap={6}>
                <Tooltip label="The example">
                  <ActionIcon
                    variant="default"
                    aria-label="Fill in the example"
                    onClick={() => onRow({ ...row, ...withoutImages(schema, toExampleRow(schema)) })}
                  >
                    <IconRestore size={17} stroke={1.7} />
                  </ActionIcon>
                </Tooltip>
                <Tooltip label="Other values">
                  <ActionIcon
                    variant="default"
                    aria-label="Fill in other values"
                    onClick={() => onRow({ ...row, ...withoutImages(schema, toChanceRow(schema, Math.random)) })}
                  >
                    <IconArrowsShuffle size={17} stroke={1.7} />
                  </ActionIcon>
                </Tooltip>
              </Group>
            )}
          </Group>
          <RowForm
            schema={schema}
            samples={listSamples(demo.slug)}
            row={row}
            issues={state.failure?.body.issues ?? []}
            onRow={onRow}
          />
        </div>
        <Way slug={demo.slug} />
      </div>
      <div className={classes.answers}>
        <AnswerCard schema={schema} state={state} />
        <LastAnswers schema={schema} answered={state.pending ? null : state.answered} onRow={onRow} />
      </div>
    </div>
  );
}

/** What just happened, in one line: this page is itself an example of the right way. */
function Way({ slug }: { slug: string }) {
  return (
    <p className={classes.way}>
      <b>This page</b>
      <IconArrowRight size={15} aria-hidden="true" />
      <span>
        <b>its own server</b> <code>POST /demo/{slug}</code>
      </span>
      <IconArrowRight size={15} aria-hidden="true" />
      <span>
        <b>the secret URL</b>, which the page never sees.
      </span>
      <Link href={`/try/${slug}/server`}>Do the same</Link>
    </p>
  );
}

/** Examples have no images: those that are there stay. */
function withoutImages({ features }: PipelineSchema, row: Row): Row {
  return Object.fromEntries(
    features.flatMap(({ name, type }) => (type === 'image' ? [] : [[name, row[name] ?? null]])),
  );
}
