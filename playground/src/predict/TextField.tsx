// A text of any words.
import { Textarea } from '@mantine/core';
import { useId } from 'react';
import type { FieldProps } from './RowForm.tsx';
import { describedBy, FieldHead, FieldIssue } from './Said.tsx';

export function TextField({ feature, value, issue, onValue }: FieldProps) {
  const id = useId();
  return (
    <>
      <FieldHead feature={feature} id={id} />
      <Textarea
        id={id}
        autosize
        minRows={1}
        maxRows={8}
        value={value === null ? '' : String(value)}
        placeholder={feature.optional ? 'left out' : 'a text'}
        error={issue !== undefined}
        onChange={({ currentTarget }) => onValue(currentTarget.value === '' ? null : currentTarget.value)}
        {...describedBy(id, feature, issue)}
      />
      <FieldIssue feature={feature} issue={issue} onValue={onValue} id={id} />
    </>
  );
}
