// What could not be loaded, why, and another try.
import { Alert, Button, Group, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';

export function Failure({ error, what, onRetry }: { error: Error; what: string; onRetry: () => void }) {
  return (
    <Alert color="red" variant="light" icon={<IconPlugConnectedX />} title={what} role="alert">
      <Text size="sm">{error.message}</Text>
      <Group mt="sm">
        <Button size="xs" color="red" variant="outline" onClick={onRetry}>
          Try again
        </Button>
      </Group>
    </Alert>
  );
}
