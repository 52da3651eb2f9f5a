// An address without a page.
import { Button, Stack, Text, Title } from '@mantine/core';
import { Link } from 'wouter';

export function NotFound({ what = 'There is no page at this address.' }: { what?: string }) {
  return (
    <Stack align="flex-start" gap="sm" py="xl">
      <Title order={1} size="h2">
        Nothing here
      </Title>
      <Text c="dimmed">{what}</Text>
      <Button component={Link} href="/" mt="sm">
        To the playground
      </Button>
    </Stack>
  );
}
