// Several numbers in order, such as a window of months: written with commas or spaces, or pasted from a spreadsheet.
import { Text, Textarea } from '@mantine/core';
import { useId, useState } from 'react';
import type { RowValue } from '../row.ts';
import type { FieldProps } from './RowForm.tsx';
import { describedBy, FieldHead, FieldIssue } from './Said.tsx';

export function VectorField({ feature, value, issue, onValue }: FieldProps) {
  const id = useId();
  const [typed, setTyped] = useState<{ text: string; gave: RowValue }>({ text: toLine(value), gave: value });
  // The row may change from elsewhere: an example, an earlier answer.
  const text = typed.gave === value ? typed.text : toLine(value);
  const words = toWords(text);
  const wrong = words.find((word) => Number.isNaN(Number(word)));
  return (
    <>
      <FieldHead feature={feature} id={id}>
        <Text size="xs" c={words.length === feature.length ? 'dimmed' : 'red'} className="numbers">
          {words.length} of {feature.length}
        </Text>
      </FieldHead>
      <Textarea
        id={id}
        autosize
        minRows={2}
        maxRows={8}
        value={text}
        error={wrong === undefined ? issue !== undefined : `“${wrong}” is not a number.`}
        onChange={({ currentTarget }) => {
          const parsed = toWords(currentTarget.value).map(Number);
          const next = parsed.length === 0 ? null : parsed.some(Number.isNaN) ? value : parsed;
          setTyped({ text: currentTarget.value, gave: next });
          if (next !== value) onValue(next);
        }}
        {...describedBy(id, feature, issue)}
      />
      <FieldIssue feature={feature} issue={issue} onValue={onValue} id={id} />
    </>
  );
}

function toLine(value: RowValue): string {
  return Array.isArray(value) ? value.join(', ') : '';
}

function toWords(text: string): string[] {
  return text.split(/[\s,;]+/).filter((word) => word !== '');
}
