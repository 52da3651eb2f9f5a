// The models of an account, with what the plan still allows.
import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconLogout, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import { Failure } from '../../shell/Failure.tsx';
import { consoleApi, keys } from '../api.ts';
import classes from '../console.module.css';
import { useFollow } from '../model-cache.ts';
import { PageTitle } from '../parts/PageTitle.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { enterSession } from '../session.ts';
import list from './list.module.css';
import { ModelRow } from './ModelRow.tsx';
import { NoModels } from './NoModels.tsx';
import { Quota } from './Quota.tsx';

export function ModelsPage() {
  const queries = useQueryClient();
  const pages = useInfiniteQuery({
    queryKey: keys.models,
    queryFn: ({ pageParam }) => consoleApi.listModels(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    staleTime: 0,
  });
  const models = pages.data?.pages.flatMap((page) => page.models);
  useFollow(models ?? []);

  async function signOut(): Promise<void> {
    try {
      await consoleApi.signOut();
      enterSession(queries, { account: null });
    } catch (error) {
      const message = error instanceof Error ? error.message : 'Try again.';
      notifications.show({ color: 'red', title: 'You are still signed in', message });
    }
  }

  return (
    <div className={classes.page}>
      <Group justify="space-between" align="flex-end" mb="xl" gap="md">
        <PageTitle title="Models" />
        <Group gap="sm">
          <Button variant="subtle" color="gray" leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
            Sign out
          </Button>
          <Button component={Link} href="/console/models/new" leftSection={<IconPlus size={16} />}>
            Upload a model
          </Button>
        </Group>
      </Group>
      <Quota />
      {pages.error !== null && models === undefined && (
        <Failure error={pages.error} what="Your models cannot be loaded" onRetry={() => void pages.refetch()} />
      )}
      {models === undefined && pages.error === null && <Waiting heights={[72, 72]} />}
      {models !== undefined && (
        <>
          <ul className={`${classes.card} ${list.models}`} aria-label="Models">
            {models.map((model) => (
              <ModelRow key={model.id} model={model} />
            ))}
          </ul>
          {models.every(({ tutorial }) => tutorial) && <NoModels />}
          {pages.hasNextPage && (
            <Group justify="center" mt="lg">
              <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                Show more
              </Button>
            </Group>
          )}
          {models.length > 1 && (
            <Text size="sm" c="dimmed" mt="md">
              A switched-off model answers nobody; its URL is kept for later.
            </Text>
          )}
        </>
      )}
    </div>
  );
}
