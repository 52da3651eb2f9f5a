// Deleting takes the model's name, typed; an active one is refused by the server, which says what to do.
import { Alert, Button, Group, Modal, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import type { ConsoleModel } from '../../../wire.ts';
import { consoleApi, keys } from '../api.ts';

export function DeleteModal({ model, opened, onClose }: { model: ConsoleModel; opened: boolean; onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const { mutate, isPending, error, reset } = useMutation({
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
    <Modal opened={opened} onClose={close} title={`Delete “${model.name}”?`} centered>
      <form onSubmit={remove}>
        <Text size="sm">
          All its versions and its URL go, for good; the URL answers 404. The log of what happened is kept.
        </Text>
        <TextInput
          mt="md"
          label={`Type ${model.name} to confirm`}
          autoComplete="off"
          data-autofocus
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        {error !== null && (
          <Alert mt="md" color="red" variant="light" role="alert" p="sm">
            {error.message}
          </Alert>
        )}
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={close}>
            Keep it
          </Button>
          <Button type="submit" color="red" disabled={typed !== model.name} loading={isPending}>
            Delete
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
