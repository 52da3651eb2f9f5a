// Deleting takes the model's name, typed; an active one is refused by the server, which says what to do.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import type { ConsoleModel } from '../../../wire.ts';
import { consoleApi, keys } from '../api.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { Notice } from '../parts/Notice.tsx';
import { useCall } from '../use-call.ts';

export function DeleteModal({ model, opened, onClose }: { model: ConsoleModel; opened: boolean; onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const { mutate, isPending, error, reset } = useCall({
    mutationFn: () => consoleApi.deleteModel(model.id),
    onSuccess: () => {
      navigate('/console');
      queries.removeQueries({ queryKey: keys.model(model.id) });
      void queries.invalidateQueries({ queryKey: keys.models });
      void queries.invalidateQueries({ queryKey: keys.account });
      notifications.show({ message: `“${model.name}” is deleted.` });
    },
  });
  const close = (): void => {
    setTyped('');
    reset();
    onClose();
  };
  const remove = (event: FormEvent): void => {
    event.preventDefault();
    if (typed === model.name) mutate();
  };
  return (
    <Dialog opened={opened} onClose={close} title={`Delete “${model.name}”?`}>
      <Stack component="form" gap="md" onSubmit={remove}>
        <Text size="sm">
          All its versions and its URL go, for good; the URL answers 404. The log of what happened is kept.
        </Text>
        <TextInput
          label={`Type ${model.name} to confirm`}
          autoComplete="off"
          data-autofocus
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        {error !== null && (
          <Notice tone="bad" role="alert">
            {error.message}
          </Notice>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Keep it
          </Button>
          <Button type="submit" color="red.9" disabled={typed !== model.name} loading={isPending}>
            Delete
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
