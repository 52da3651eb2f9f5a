// Yes or no.
import { Switch } from '@mantine/core';
import { useId } from 'react';
import type { FieldProps } from './RowForm.tsx';
import { describedBy, FieldHead, FieldIssue } from './Said.tsx';

export function SwitchField({ feature, value, issue, onValue }: FieldProps) {
  const id = useId();
  return (
    <>
      <FieldHead feature={feature} id={id}>
        <Switch
          id={id}
          size="md"
          checked={value === true || value === 'true'}
          onChange={({ currentTarget }) => onValue(currentTarget.checked)}
          {...describedBy(id, feature, issue)}
        />
      </FieldHead>
      <FieldIssue feature={feature} issue={issue} onValue={onValue} id={id} />
    </>
  );
}
