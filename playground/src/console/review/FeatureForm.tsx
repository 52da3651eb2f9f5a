// One feature: fields that fit its type.
import { Checkbox, TextInput } from '@mantine/core';
import type { Feature } from '../../../../worker/contract.ts';
import type { FeatureDraft } from './draft.ts';
import { ImageFields } from './ImageFields.tsx';
import { Notes } from './Notes.tsx';
import page from './review.module.css';
import { ValueField } from './ValueField.tsx';

interface Props {
  readonly feature: Feature;
  readonly notes: readonly string[];
  readonly draft: FeatureDraft;
  readonly faults: ReadonlyMap<string, string>;
  readonly onChange: (draft: FeatureDraft) => void;
}

export function FeatureForm({ feature, notes, draft, faults, onChange }: Props) {
  const change = (part: Partial<FeatureDraft>): void => onChange({ ...draft, ...part });
  const fault = (key: string): string | null => faults.get(`features.${feature.name}.${key}`) ?? null;
  const isImage = feature.type === 'image';
  const numeric = feature.type === 'number' || feature.type === 'integer';
  return (
    <>
      <Notes notes={notes} />
      <div className={page.grid}>
        {numeric && (
          <TextInput
            label="Unit"
            placeholder="cm, EUR, days…"
            maxLength={40}
            value={draft.unit}
            onChange={({ currentTarget }) => change({ unit: currentTarget.value })}
          />
        )}
        <TextInput
          label="Description"
          placeholder="What it means, for whoever calls the model"
          value={draft.description}
          onChange={({ currentTarget }) => change({ description: currentTarget.value })}
        />
        {!isImage && (
          <>
            <ValueField
              feature={feature}
              label="Example"
              value={draft.example}
              fault={fault('example')}
              onChange={(example) => change({ example })}
            />
            <ValueField
              feature={feature}
              label="Default"
              description="Taken where a row does not have it."
              value={draft.default}
              fault={fault('default')}
              onChange={(text) => change({ default: text })}
            />
            <Checkbox
              className={page.check}
              label="May be missing"
              description="A model that knows gaps gets one; else a row without it is refused."
              checked={draft.optional}
              onChange={({ currentTarget }) => change({ optional: currentTarget.checked })}
            />
          </>
        )}
        {draft.image !== null && feature.preprocess !== undefined && (
          <ImageFields
            preprocess={feature.preprocess}
            draft={draft.image}
            fault={fault}
            onChange={(image) => change({ image })}
          />
        )}
      </div>
    </>
  );
}
