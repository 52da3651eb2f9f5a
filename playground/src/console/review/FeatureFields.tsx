// What an owner knows of each feature: its unit, what it means, and what happens where it is missing.
import { Accordion, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import type { Feature } from '../../../../worker/contract.ts';
import classes from '../console.module.css';
import { TYPES, toCount, toDomain } from '../words.ts';
import type { FeatureDraft } from './draft.ts';
import { FeatureForm } from './FeatureForm.tsx';
import { findFeatureNotes, findNotes } from './notes.ts';
import page from './review.module.css';

const SHOWN = 40;

interface Props {
  readonly features: readonly Feature[];
  readonly notes: readonly string[];
  readonly drafts: readonly FeatureDraft[];
  readonly faults: ReadonlyMap<string, string>;
  readonly onChange: (drafts: readonly FeatureDraft[]) => void;
}

export function FeatureFields({ features, notes, drafts, faults, onChange }: Props) {
  const [search, setSearch] = useState('');
  const [opened, setOpened] = useState<string | null>(features.length === 1 ? (features[0]?.name ?? null) : null);
  const shown = features
    .map((feature, i) => ({ feature, i }))
    .filter(({ feature }) => feature.name.toLowerCase().includes(search.toLowerCase()))
    .slice(0, SHOWN);
  return (
    <section className={classes.card} aria-labelledby="review-features">
      <div className={page.head}>
        <h2 className={classes.caps} id="review-features">
          What callers send
        </h2>
        {features.length > SHOWN && (
          <TextInput
            size="xs"
            aria-label="Search features"
            placeholder={`Search ${toCount(features.length, 'feature')}`}
            leftSection={<IconSearch size={14} />}
            value={search}
            onChange={({ currentTarget }) => setSearch(currentTarget.value)}
          />
        )}
      </div>
      <Accordion value={opened} onChange={setOpened} classNames={{ item: page.item, control: page.control }} order={3}>
        {shown.map(({ feature, i }) => {
          const draft = drafts[i];
          const about = [
            ...findFeatureNotes(notes, feature.name),
            ...(feature.type === 'image' ? findNotes(notes, 'image') : []),
          ];
          const faulty = [...faults.keys()].some((field) => field.startsWith(`features.${feature.name}.`));
          return (
            <Accordion.Item key={feature.name} value={feature.name}>
              <Accordion.Control>
                <span className={page.featureName} data-faulty={faulty || undefined}>
                  {feature.name}
                </span>
                <span className={page.featureFacts}>
                  {[
                    TYPES[feature.type],
                    draft?.unit,
                    toDomain(feature),
                    draft?.optional === true ? 'may be missing' : '',
                    about.length > 0 ? 'guessed' : '',
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </span>
              </Accordion.Control>
              <Accordion.Panel>
                {opened === feature.name && draft !== undefined && (
                  <FeatureForm
                    feature={feature}
                    notes={[...new Set(about)]}
                    draft={draft}
                    faults={faults}
                    onChange={(changed) => onChange(drafts.map((each, at) => (at === i ? changed : each)))}
                  />
                )}
              </Accordion.Panel>
            </Accordion.Item>
          );
        })}
      </Accordion>
    </section>
  );
}
