// What Postern usually finds by itself and can be told: the task, class names, a partial manifest.
import { NativeSelect, Stack, Textarea } from '@mantine/core';
import { TASKS } from '../words.ts';
import type { UploadDraft } from './form.ts';
import { Refused } from './Refused.tsx';
import type { Refusal } from './refusals.ts';

interface Props {
  readonly draft: UploadDraft;
  readonly fault: string | null;
  readonly refusal: Refusal | null;
  readonly onChange: (change: Partial<UploadDraft>) => void;
}

const TASK_CHOICES = [
  { value: '', label: 'Let Postern find it' },
  ...Object.entries(TASKS).map(([value, label]) => ({ value, label })),
];

export function MoreFields({ draft, fault, refusal, onChange }: Props) {
  const file = draft.files.labels;
  return (
    <Stack gap="md">
      <NativeSelect
        label="Task"
        data={TASK_CHOICES}
        value={draft.task}
        onChange={({ currentTarget }) => onChange({ task: currentTarget.value })}
      />
      <Refused refusal={refusal} at={['task']} />
      <Textarea
        label="Class names"
        description={
          file === undefined
            ? 'One per line, in the order of the outputs. Only where neither the CSV nor the model has them.'
            : `${file.name} is sent in their place.`
        }
        disabled={file !== undefined}
        autosize
        minRows={2}
        maxRows={8}
        value={draft.classNames}
        onChange={({ currentTarget }) => onChange({ classNames: currentTarget.value })}
      />
      <Refused refusal={refusal} at={['classes']} />
      <Textarea
        label="Manifest"
        description={
          <>
            JSON. Whatever it states wins over what is found, for instance{' '}
            <code>{'{"features": [{"name": "age", "input": "x1"}]}'}</code>
          </>
        }
        autosize
        minRows={2}
        maxRows={14}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        value={draft.manifest}
        error={fault}
        onChange={({ currentTarget }) => onChange({ manifest: currentTarget.value })}
      />
      <Refused refusal={refusal} at={['manifest']} />
    </Stack>
  );
}
