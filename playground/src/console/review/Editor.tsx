// The form and the JSON of an amendment, and what saving it does.
import { Button, Group, SegmentedControl, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import type { Version } from '../../../../worker/contract.ts';
import type { ConsoleModel } from '../../../wire.ts';
import { consoleApi } from '../api.ts';
import classes from '../console.module.css';
import { useStoreModel } from '../model-cache.ts';
import { Notice } from '../parts/Notice.tsx';
import { useCall } from '../use-call.ts';
import { toCount } from '../words.ts';
import { toChanges } from './changes.ts';
import { toDraft } from './draft.ts';
import { FeatureFields } from './FeatureFields.tsx';
import { findJsonFault, JsonFields } from './JsonFields.tsx';
import { ModelFields } from './ModelFields.tsx';
import page from './review.module.css';

type View = 'form' | 'json';

export function Editor({ model, version }: { model: ConsoleModel; version: Version }) {
  const { manifest } = version;
  const [draft, setDraft] = useState(() => toDraft(manifest));
  const [view, setView] = useState<View>('form');
  /** null: the JSON follows the form. */
  const [json, setJson] = useState<string | null>(null);
  const store = useStoreModel();
  const [, navigate] = useLocation();
  const { mutate, isPending, error, reset } = useCall({
    mutationFn: (overrides: object) => consoleApi.patchModel(model.id, { manifest: overrides }),
    onSuccess: (amended) => {
      store(amended);
      navigate(`/console/models/${model.id}`);
      // Where it can be activated; the form is gone.
      document.getElementById('api-heading')?.focus();
      const number = amended.versions[0]?.version;
      notifications.show({
        title: `Version ${number} is saved`,
        message: 'It is not live yet: activate it when it is right.',
      });
    },
  });

  const { overrides, faults } = toChanges(manifest, draft);
  const text = json ?? JSON.stringify(overrides, null, 2);
  const count = countChanges(overrides);
  const jsonFault = view === 'json' ? findJsonFault(text) : null;
  const blocked = view === 'json' ? jsonFault !== null || text.trim() === '{}' : count === 0 || faults.size > 0;

  function save(event: FormEvent): void {
    event.preventDefault();
    if (!blocked) mutate(view === 'json' ? (JSON.parse(text) as object) : overrides);
  }

  function change(part: Partial<typeof draft>): void {
    reset();
    setDraft((before) => ({ ...before, ...part }));
  }

  return (
    <form onSubmit={save} noValidate>
      <Group justify="space-between" mb="lg" gap="md">
        <div>
          <h2 className={page.title}>Review what was learnt</h2>
          <Text size="sm" c="dimmed" maw={560}>
            What you state here wins over what the import found. The file itself stays as it is.
          </Text>
        </div>
        <SegmentedControl
          size="sm"
          aria-label="How to edit"
          value={view}
          onChange={(value) => {
            reset();
            setView(value === 'json' ? 'json' : 'form');
          }}
          data={[
            { value: 'form', label: 'Form' },
            { value: 'json', label: 'As JSON' },
          ]}
        />
      </Group>
      {view === 'form' ? (
        <div className={page.stack}>
          <ModelFields
            manifest={manifest}
            notes={version.report.notes ?? []}
            draft={draft}
            faults={faults}
            onChange={change}
          />
          <FeatureFields
            features={manifest.features}
            notes={version.report.notes ?? []}
            drafts={draft.features}
            faults={faults}
            onChange={(features) => change({ features })}
          />
        </div>
      ) : (
        <JsonFields
          text={text}
          manifest={manifest}
          error={jsonFault ?? error?.message ?? null}
          onChange={(typed) => {
            reset();
            setJson(typed);
          }}
          onFollow={json === null ? null : () => setJson(null)}
        />
      )}
      {error !== null && view === 'form' && (
        <div className={page.refused}>
          <Notice tone="bad" role="alert" title="This was not saved">
            {error.message}
          </Notice>
        </div>
      )}
      <div className={`${classes.card} ${page.save}`} data-changed={count > 0 || json !== null || undefined}>
        <Text size="sm" role="status">
          {faults.size > 0 && view === 'form'
            ? `${toCount(faults.size, 'field')} to put right.`
            : view === 'form' && count === 0
              ? 'Nothing is changed.'
              : `Saving makes version ${version.version + 1}. It is not live until you activate it.`}
        </Text>
        <Group gap="xs">
          {view === 'form' && count > 0 && (
            <Button variant="subtle" color="gray" onClick={() => setDraft(toDraft(manifest))}>
              Discard
            </Button>
          )}
          <Button type="submit" loading={isPending} disabled={blocked}>
            Save as version {version.version + 1}
          </Button>
        </Group>
      </div>
    </form>
  );
}

function countChanges({ features, ...rest }: Readonly<Record<string, unknown>>): number {
  return Object.keys(rest).length + (Array.isArray(features) ? features.length : 0);
}
