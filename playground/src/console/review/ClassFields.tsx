// Classes in the order of the outputs: renamed and moved, never more or fewer.
import { ActionIcon, Textarea, TextInput, VisuallyHidden } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useState } from 'react';
import type { Scalar } from '../../../../worker/contract.ts';
import classes from '../console.module.css';
import type { ClassDraft } from './draft.ts';
import { Notes } from './Notes.tsx';
import page from './review.module.css';

/** More are easier to edit as lines. */
const FIELDS = 30;

interface Props {
  readonly before: readonly Scalar[];
  readonly drafts: readonly ClassDraft[];
  readonly fault: string | null;
  readonly notes: readonly string[];
  readonly onChange: (drafts: readonly ClassDraft[]) => void;
}

export function ClassFields({ before, drafts, fault, notes, onChange }: Props) {
  return (
    <fieldset className={page.classes}>
      <legend>Classes, in the order of the model’s outputs</legend>
      <Notes notes={notes} />
      {drafts.length > FIELDS ? (
        <Lines before={before} drafts={drafts} fault={fault} onChange={onChange} />
      ) : (
        <Rows drafts={drafts} onChange={onChange} />
      )}
      {fault !== null && drafts.length <= FIELDS && (
        <p className={classes.fault} role="alert">
          {fault}
        </p>
      )}
    </fieldset>
  );
}

function Rows({ drafts, onChange }: Pick<Props, 'drafts' | 'onChange'>) {
  const [said, setSaid] = useState('');

  function move(from: number, to: number): void {
    const moved = drafts[from];
    if (moved === undefined) return;
    const rest = drafts.filter((_, i) => i !== from);
    onChange([...rest.slice(0, to), moved, ...rest.slice(to)]);
    setSaid(`${moved.text} is number ${to + 1} of ${drafts.length}.`);
  }

  return (
    <>
      <ol className={page.classRows}>
        {drafts.map(({ text, origin }, i) => (
          <li key={origin}>
            <span aria-hidden="true">{i + 1}</span>
            <TextInput
              size="sm"
              aria-label={`Class ${i + 1}`}
              value={text}
              onChange={({ currentTarget }) =>
                onChange(drafts.map((each) => (each.origin === origin ? { origin, text: currentTarget.value } : each)))
              }
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Move ${text} up`}
              aria-disabled={i === 0 || undefined}
              onClick={() => i > 0 && move(i, i - 1)}
            >
              <IconArrowUp size={16} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Move ${text} down`}
              aria-disabled={i === drafts.length - 1 || undefined}
              onClick={() => i < drafts.length - 1 && move(i, i + 1)}
            >
              <IconArrowDown size={16} />
            </ActionIcon>
          </li>
        ))}
      </ol>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
    </>
  );
}

function Lines({ before, drafts, fault, onChange }: Omit<Props, 'notes'>) {
  const [text, setText] = useState(() => drafts.map((each) => each.text).join('\n'));
  const lines = text.split('\n');
  const wrong =
    lines.length === before.length ? fault : `There are ${before.length} classes; here are ${lines.length}.`;
  return (
    <Textarea
      mt="sm"
      aria-label="Class names, one per line"
      autosize
      minRows={8}
      maxRows={20}
      value={text}
      error={wrong}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        const typed = currentTarget.value.split('\n');
        // Of another number nothing is said to the form but that one is empty, which it refuses.
        onChange(
          before.map((_, origin) => ({ origin, text: typed.length === before.length ? (typed[origin] ?? '') : '' })),
        );
      }}
    />
  );
}
