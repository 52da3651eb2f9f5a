// A new URL in place of the old one, after it was said what breaks, and when.
import { Button, Group, List, Radio, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { ConsoleModel } from '../../../wire.ts';
import { consoleApi } from '../api.ts';
import { useStoreModel } from '../model-cache.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { Notice } from '../parts/Notice.tsx';
import { useCall } from '../use-call.ts';
import { toDate } from '../words.ts';

interface Props {
  readonly model: ConsoleModel;
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onRotated: () => void;
}

const GRACES: readonly { readonly seconds: number; readonly label: string; readonly description: string }[] = [
  { seconds: 0, label: 'At once', description: 'Who has found it out is stopped now, and so are your servers.' },
  { seconds: 3600, label: 'In an hour', description: 'Time to switch your servers over. Others can call it too.' },
  { seconds: 86_400, label: 'In a day', description: 'For servers that are deployed by others, or at night.' },
  { seconds: 604_800, label: 'In a week', description: 'For a change of habit, not for a leak.' },
];

export function RotateModal({ model, opened, onClose, onRotated }: Props) {
  const store = useStoreModel();
  const [grace, setGrace] = useState('0');
  const { old_url_until: older } = model.pipeline;
  const { mutate, isPending, error } = useCall({
    mutationFn: () => consoleApi.rotate(model.id, Number(grace)),
    onSuccess: (rotated) => {
      store(rotated);
      onRotated();
      onClose();
      const until = rotated.pipeline.old_url_until;
      notifications.show({
        title: 'The URL was replaced',
        message: `Copy the new one and give it to your servers${until === undefined ? ' now' : `; the old one answers until ${toDate(until)}`}.`,
      });
    },
  });
  return (
    <Dialog opened={opened} onClose={onClose} title="Replace the URL?">
      <Text size="sm">Do this when the URL may have become known to others. It cannot be undone.</Text>
      <Radio.Group label="When does the old URL end?" value={grace} onChange={setGrace} my="md">
        <Stack gap="sm" mt="xs">
          {GRACES.map(({ seconds, label, description }) => (
            <Radio key={seconds} value={String(seconds)} label={label} description={description} />
          ))}
        </Stack>
      </Radio.Group>
      <List size="sm" my="sm" spacing={6}>
        <List.Item>
          Then <b>every server that still uses it gets 404</b>, within 60 seconds everywhere.
        </List.Item>
        {older !== undefined && (
          <List.Item>The one before it, which would have answered until {toDate(older)}, ends at once.</List.Item>
        )}
        <List.Item>Model, version and answers stay as they are.</List.Item>
      </List>
      {error !== null && (
        <Notice tone="bad" role="alert">
          {error.message}
        </Notice>
      )}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose} data-autofocus>
          Keep the URL
        </Button>
        <Button color="red.9" loading={isPending} onClick={() => mutate()}>
          Replace it
        </Button>
      </Group>
    </Dialog>
  );
}
