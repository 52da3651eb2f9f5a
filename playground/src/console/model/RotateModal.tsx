// A new URL in place of the old one, after it was said what breaks.
import { Button, Group, List, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ConsoleModel } from '../../../wire.ts';
import { consoleApi } from '../api.ts';
import { useStoreModel } from '../model-cache.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { Notice } from '../parts/Notice.tsx';
import { useCall } from '../use-call.ts';

interface Props {
  readonly model: ConsoleModel;
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onRotated: () => void;
}

export function RotateModal({ model, opened, onClose, onRotated }: Props) {
  const store = useStoreModel();
  const { mutate, isPending, error } = useCall({
    mutationFn: () => consoleApi.rotate(model.id),
    onSuccess: (rotated) => {
      store(rotated);
      onRotated();
      onClose();
      notifications.show({
        title: 'The URL was replaced',
        message: 'Copy the new one and give it to your servers now.',
      });
    },
  });
  return (
    <Dialog opened={opened} onClose={onClose} title="Replace the URL?">
      <Text size="sm">Do this when the URL may have become known to others. It cannot be undone.</Text>
      <List size="sm" my="sm" spacing={6}>
        <List.Item>
          <b>Every server that uses the old URL gets 404</b>, within 60 seconds everywhere.
        </List.Item>
        <List.Item>
          Have the place where your server keeps it (an environment variable, a secret) ready, so that the new one can
          be deployed at once.
        </List.Item>
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
