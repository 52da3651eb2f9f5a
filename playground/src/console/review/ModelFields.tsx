// What a model answers: its task, label and classes, and the unit of its numbers.
import { NativeSelect, TagsInput, TextInput } from '@mantine/core';
import type { Manifest } from '../../../../worker/contract.ts';
import classes from '../console.module.css';
import { TASKS, type Task } from '../words.ts';
import { ClassFields } from './ClassFields.tsx';
import type { ManifestDraft } from './draft.ts';
import { Notes } from './Notes.tsx';
import { findNotes } from './notes.ts';
import page from './review.module.css';

interface Props {
  readonly manifest: Manifest;
  readonly notes: readonly string[];
  readonly draft: ManifestDraft;
  readonly faults: ReadonlyMap<string, string>;
  readonly onChange: (change: Partial<ManifestDraft>) => void;
}

export function ModelFields({ manifest, notes, draft, faults, onChange }: Props) {
  const classifies = manifest.classes !== undefined;
  return (
    <section className={`${classes.card} ${classes.padded}`}>
      <h2 className={classes.caps}>What it answers</h2>
      <div className={page.grid}>
        <div>
          <NativeSelect
            label="Task"
            // What a graph answers is either classes or numbers.
            disabled={classifies}
            {...(classifies ? { description: 'The model answers classes.' } : {})}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            data={(classifies ? ['classification'] : ['regression', 'forecasting']).map((value) => ({
              value,
              label: TASKS[value as Task],
            }))}
            value={draft.task}
            onChange={({ currentTarget }) => onChange({ task: currentTarget.value as Task })}
          />
          <Notes notes={findNotes(notes, 'task')} />
        </div>
        <div>
          <TagsInput
            label="Label"
            description="The column that is predicted; ignored when a row carries it."
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={[...draft.label]}
            onChange={(label) => onChange({ label })}
            splitChars={[]}
          />
          <Notes notes={findNotes(notes, 'label')} />
        </div>
        {!classifies && (
          <TextInput
            label="Unit of the prediction"
            placeholder="EUR, kWh, visitors…"
            maxLength={40}
            value={draft.unit}
            onChange={({ currentTarget }) => onChange({ unit: currentTarget.value })}
          />
        )}
      </div>
      {classifies && (
        <ClassFields
          before={manifest.classes ?? []}
          drafts={draft.classes}
          fault={faults.get('classes') ?? null}
          notes={findNotes(notes, 'classes')}
          onChange={(drafts) => onChange({ classes: drafts })}
        />
      )}
    </section>
  );
}
