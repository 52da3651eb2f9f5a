// A new model, or a new version of one: files are dropped, a few things may be said about them, and what was found opens
// as soon as it is known. What was filled in stays where the upload is refused.
import { Button, Collapse, Group, MultiSelect, Stack, Text, TextInput } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { Failure } from '../../shell/Failure.tsx';
import classes from '../console.module.css';
import { useModel } from '../model-cache.ts';
import { Crumb } from '../parts/Crumb.tsx';
import { Notice } from '../parts/Notice.tsx';
import { PageTitle } from '../parts/PageTitle.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { readHeader } from './csv-header.ts';
import { DropArea } from './DropArea.tsx';
import { sortFiles, toModelName } from './files.ts';
import { EMPTY_DRAFT, findManifestFault, toUploadForm, type UploadDraft } from './form.ts';
import { MoreFields } from './MoreFields.tsx';
import { Refused } from './Refused.tsx';
import { Sending } from './Sending.tsx';
import page from './upload.module.css';
import { useUpload } from './use-upload.ts';

export default function UploadPage({ modelId }: { modelId: string | null }) {
  return modelId === null ? <UploadForm modelId={null} of={null} /> : <NewVersion modelId={modelId} />;
}

function NewVersion({ modelId }: { modelId: string }) {
  const model = useModel(modelId);
  if (model.data !== undefined) return <UploadForm modelId={modelId} of={model.data.name} />;
  if (model.error === null) return <Waiting heights={[240]} />;
  return <Failure error={model.error} what="The model cannot be loaded" onRetry={() => void model.refetch()} />;
}

function UploadForm({ modelId, of }: { modelId: string | null; of: string | null }) {
  const [draft, setDraft] = useState<UploadDraft>(EMPTY_DRAFT);
  const [columns, setColumns] = useState<readonly string[]>([]);
  const [left, setLeft] = useState<readonly string[]>([]);
  const [opened, setOpened] = useState(false);
  const [missing, setMissing] = useState(false);
  const { start, cancel, progress, refusal } = useUpload(modelId);
  const sending = progress !== null;
  const fault = findManifestFault(draft.manifest);
  const more = opened || (refusal !== null && ['task', 'classes', 'manifest'].includes(refusal.place));
  const change = (part: Partial<UploadDraft>): void => setDraft((before) => ({ ...before, ...part }));

  async function add(dropped: readonly File[]): Promise<void> {
    const { taken, refused } = sortFiles(dropped);
    setLeft(refused);
    if (taken.model !== undefined) setMissing(false);
    setDraft((before) => ({
      ...before,
      files: { ...before.files, ...taken },
      name: before.name === '' && taken.model !== undefined ? toModelName(taken.model) : before.name,
    }));
    if (taken.data === undefined) return;
    const header = await readHeader(taken.data);
    setColumns(header);
    setDraft((before) => ({ ...before, labels: before.labels.filter((label) => header.includes(label)) }));
  }

  function send(event: FormEvent): void {
    event.preventDefault();
    if (draft.files.model === undefined) setMissing(true);
    else if (fault !== null) setOpened(true);
    else start(toUploadForm(draft, modelId === null));
  }

  return (
    <form className={classes.narrow} onSubmit={send} noValidate>
      <Crumb href={modelId === null ? '/console' : `/console/models/${modelId}`}>{of ?? 'Models'}</Crumb>
      <PageTitle title={of === null ? 'Upload a model' : `New version of ${of}`} />
      <Text className={classes.lead}>
        {of === null
          ? 'It is read, tried on rows of your data and shown to you. Nothing goes live until you switch it on.'
          : 'It is read and tried. The live version goes on serving until you activate the new one, under the same URL.'}
      </Text>
      <Stack gap="lg" mt="xl">
        <DropArea
          files={draft.files}
          disabled={sending}
          onFiles={(dropped) => void add(dropped)}
          onRemove={(part) => {
            if (part === 'data') setColumns([]);
            change({ files: { ...draft.files, [part]: undefined }, ...(part === 'data' ? { labels: [] } : {}) });
          }}
        />
        {missing && (
          <Notice tone="bad" role="alert">
            The .onnx file is missing: drop it above, or choose it.
          </Notice>
        )}
        {left.length > 0 && (
          <Notice tone="warn" role="alert" title="Not taken">
            {left.map((line) => (
              <p key={line}>{line}</p>
            ))}
          </Notice>
        )}
        <Refused refusal={refusal} at={['model', 'data']} />
        {modelId === null && (
          <TextInput
            label="Name"
            maxLength={100}
            placeholder="The name of the file"
            disabled={sending}
            value={draft.name}
            onChange={({ currentTarget }) => change({ name: currentTarget.value })}
          />
        )}
        <MultiSelect
          label="Label column"
          description={
            columns.length === 0
              ? 'What the model predicts. It can be chosen once the CSV is there.'
              : 'What the model predicts; several for a forecast of several steps.'
          }
          placeholder={draft.labels.length === 0 ? 'Let Postern find it' : ''}
          data={[...columns]}
          value={[...draft.labels]}
          onChange={(labels) => change({ labels })}
          disabled={sending || columns.length === 0}
          searchable
          clearable
          limit={200}
          nothingFoundMessage="No such column"
        />
        <Refused refusal={refusal} at={['label']} />
        <div>
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            ml={-8}
            aria-expanded={more}
            rightSection={<IconChevronDown size={14} className={page.chevron} data-open={more || undefined} />}
            onClick={() => setOpened(!more)}
          >
            Say more about it
          </Button>
          <Collapse expanded={more}>
            <fieldset className={page.more} disabled={sending} aria-label="More about the model">
              <MoreFields draft={draft} fault={fault} refusal={refusal} onChange={change} />
            </fieldset>
          </Collapse>
        </div>
        <Refused refusal={refusal} at={['form']} />
        {progress === null ? (
          <Group>
            <Button type="submit" size="md">
              {refusal === null ? 'Upload and look at it' : 'Try again'}
            </Button>
          </Group>
        ) : (
          <Sending progress={progress} onCancel={cancel} />
        )}
      </Stack>
    </form>
  );
}
