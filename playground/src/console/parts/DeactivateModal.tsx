// Asked before a URL that answers stops to do so.
import { Button, Group, Text } from '@mantine/core';
import { Dialog } from './Dialog.tsx';

interface Props {
  readonly name: string;
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
}

export function DeactivateModal({ name, opened, onClose, onConfirm }: Props) {
  return (
    <Dialog opened={opened} onClose={onClose} title={`Deactivate “${name}”?`}>
      <Text size="sm">
        Whoever calls its URL is refused with 403 (<code>pipeline_inactive</code>), within 60 seconds everywhere. The
        URL is kept: after the next activation it is the same.
      </Text>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose} data-autofocus>
          Keep it active
        </Button>
        <Button color="red.9" onClick={onConfirm}>
          Deactivate
        </Button>
      </Group>
    </Dialog>
  );
}
