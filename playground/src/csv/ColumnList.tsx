// Which columns a file has, what each takes, and a sample to begin from.
import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import type { FeatureSchema, PipelineSchema } from '../../../worker/contract.ts';
import classes from './csv.module.css';
import { save } from './save.ts';
import { toWanted } from './words.ts';

const SHOWN = 10;

export function ColumnList({ schema, sample }: { schema: PipelineSchema; sample: File }) {
  const [isOpen, setOpen] = useState(false);
  const { features } = schema;
  const labels = [schema.label ?? []].flat();
  const shown = isOpen || features.length <= SHOWN + 2 ? features : features.slice(0, SHOWN);
  return (
    <section className={classes.card} aria-labelledby="csv-columns">
      <h2 id="csv-columns" className={classes.cardTitle}>
        The columns it needs
      </h2>
      <dl className={classes.columns}>
        {shown.map((feature) => (
          <Column key={feature.name} feature={feature} />
        ))}
      </dl>
      {shown.length < features.length && (
        <Button variant="subtle" size="compact-sm" onClick={() => setOpen(true)}>
          Show {features.length - shown.length} more
        </Button>
      )}
      <p className={classes.fine}>
        In any order.{' '}
        {labels.length > 0 && (
          <>
            <LabelNames names={labels} /> may stay in the file and {labels.length === 1 ? 'is' : 'are'} not read.{' '}
          </>
        )}
        Comma, semicolon, tab or |; UTF-8.
      </p>
      <Button
        variant="default"
        size="xs"
        mt="md"
        leftSection={<IconDownload size={15} stroke={1.8} />}
        onClick={() => save({ name: sample.name, toBlob: () => sample })}
      >
        Download the sample
      </Button>
    </section>
  );
}

function Column({ feature }: { feature: FeatureSchema }) {
  return (
    <div>
      <dt>{feature.name}</dt>
      <dd>
        {toWanted(feature)}
        {feature.optional && <em>, may be blank</em>}
      </dd>
    </div>
  );
}

function LabelNames({ names }: { names: readonly string[] }) {
  const [first, ...more] = names;
  return (
    <>
      <code>{first}</code>
      {more.length === 1 && (
        <>
          {' '}
          and <code>{more[0]}</code>
        </>
      )}
      {more.length > 1 && (
        <>
          {' '}
          to <code>{more.at(-1)}</code>
        </>
      )}
    </>
  );
}
