// Around a field: its name and unit, what it means, and the server's words on its value with its suggestion to click.
import { Button, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { FeatureSchema } from '../../../worker/contract.ts';
import classes from './predict.module.css';
import type { FieldProps } from './RowForm.tsx';
import { findSuggestedValue, type Issue } from './suggestion.ts';

interface HeadProps {
  readonly feature: FeatureSchema;
  readonly id: string;
  /** Whether to say that it may be left blank; false where the field says so itself. */
  readonly optional?: boolean;
  readonly children?: ReactNode;
}

export function FieldHead({ feature, id, optional = feature.optional, children }: HeadProps) {
  const { name, unit, description } = feature;
  return (
    <div className={classes.fieldHead}>
      <div>
        <label htmlFor={id} id={`${id}-label`} className={classes.label}>
          {name}
          {unit !== undefined && <span className={classes.unit}> {unit}</span>}
          {optional && <span className={classes.optional}> optional</span>}
        </label>
        {description !== undefined && (
          <Text size="xs" c="dimmed" id={`${id}-description`}>
            {description}
          </Text>
        )}
      </div>
      {children}
    </div>
  );
}

export function FieldIssue({
  feature,
  issue,
  onValue,
  id,
}: Pick<FieldProps, 'feature' | 'issue' | 'onValue'> & { id: string }) {
  const suggested = findSuggestedValue(feature, issue);
  return (
    <div className={classes.issue} id={`${id}-issue`} role={issue === undefined ? undefined : 'alert'}>
      {issue !== undefined && (
        <>
          <Text size="xs" c="red" component="span">
            {issue.message}
            {suggested === null && issue.suggestion !== undefined && ` Wanted: ${issue.suggestion}.`}
          </Text>
          {suggested !== null && (
            <Button size="compact-xs" variant="light" color="red" onClick={() => onValue(suggested)}>
              Use {suggested}
            </Button>
          )}
        </>
      )}
    </div>
  );
}

/** The attributes that tie a control to the words around it. */
export function describedBy(id: string, { description }: FeatureSchema, issue: Issue | undefined) {
  const ids = [
    ...(description === undefined ? [] : [`${id}-description`]),
    ...(issue === undefined ? [] : [`${id}-issue`]),
  ];
  return { ...(ids.length > 0 ? { 'aria-describedby': ids.join(' ') } : {}), 'aria-invalid': issue !== undefined };
}
