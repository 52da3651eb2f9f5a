// The form of one row: a field for each feature, and what the server said of its value.

import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { FeatureSchema, PipelineSchema } from '../../../worker/contract.ts';
import type { Row, RowValue } from '../row.ts';
import { ChoiceField } from './ChoiceField.tsx';
import { type FieldKind, toFieldKind } from './fields.ts';
import { NumberField } from './NumberField.tsx';
import classes from './predict.module.css';
import { SwitchField } from './SwitchField.tsx';
import type { Issue } from './suggestion.ts';
import { TextField } from './TextField.tsx';
import { VectorField } from './VectorField.tsx';

const ImageField = lazy(() => import('./ImageField.tsx'));

export interface FieldProps {
  readonly feature: FeatureSchema;
  readonly value: RowValue;
  readonly issue: Issue | undefined;
  readonly onValue: (value: RowValue) => void;
}

const FIELDS: Record<Exclude<FieldKind, 'image'>, (props: FieldProps) => React.ReactNode> = {
  number: NumberField,
  choice: ChoiceField,
  switch: SwitchField,
  text: TextField,
  vector: VectorField,
};

interface Props {
  schema: PipelineSchema;
  samples: readonly string[];
  row: Row;
  issues: readonly Issue[];
  onRow: (row: Row) => void;
}

export function RowForm({ schema, samples, row, issues, onRow }: Props) {
  return (
    <form className={classes.form} aria-label="Values" onSubmit={(event) => event.preventDefault()} noValidate>
      {schema.features.map((feature) => {
        const { name } = feature;
        const kind = toFieldKind(feature);
        const props: FieldProps = {
          feature,
          value: row[name] ?? null,
          issue: issues.find((issue) => issue.feature === name),
          onValue: (value) => onRow({ ...row, [name]: value }),
        };
        const wide = kind === 'image' || kind === 'vector' || kind === 'text';
        const Field = kind === 'image' ? null : FIELDS[kind];
        return (
          <div key={name} className={wide ? classes.wideField : classes.field}>
            {Field === null ? (
              <Suspense fallback={<Skeleton h={320} />}>
                <ImageField {...props} samples={samples} limits={schema.limits} />
              </Suspense>
            ) : (
              <Field {...props} />
            )}
          </div>
        );
      })}
    </form>
  );
}
