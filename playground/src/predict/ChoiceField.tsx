// One of the values that training has seen: side by side where they are few, else in a list one can search.
import { SegmentedControl, Select } from '@mantine/core';
import { useId } from 'react';
import { isOpenChoice } from './fields.ts';
import type { FieldProps } from './RowForm.tsx';
import { describedBy, FieldHead, FieldIssue } from './Said.tsx';

export function ChoiceField({ feature, value, issue, onValue }: FieldProps) {
  const id = useId();
  const values = (feature.values ?? []).map(String);
  const text = value === null ? null : String(value);
  const open = isOpenChoice(feature.values ?? []) && !feature.optional;
  return (
    <>
      <FieldHead feature={feature} id={id} />
      {open ? (
        <SegmentedControl
          id={id}
          fullWidth
          data={values}
          value={text ?? ''}
          onChange={onValue}
          aria-labelledby={`${id}-label`}
          withItemsBorders={false}
        />
      ) : (
        <Select
          id={id}
          data={values}
          value={text}
          onChange={onValue}
          clearable={feature.optional}
          searchable={values.length > 8}
          allowDeselect={false}
          placeholder={feature.optional ? 'left out' : 'choose one'}
          error={issue !== undefined}
          {...describedBy(id, feature, issue)}
        />
      )}
      <FieldIssue feature={feature} issue={issue} onValue={onValue} id={id} />
    </>
  );
}
