// The name of a model as a field: Enter keeps it, Escape leaves it.
import { Button, Group, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { ConsoleModel } from '../../../wire.ts';
import { consoleApi } from '../api.ts';
import { useStoreModel } from '../model-cache.ts';
import { useCall } from '../use-call.ts';

export function Rename({ model, onClose }: { model: ConsoleModel; onClose: () => void }) {
  const [name, setName] = useState(model.name);
  const store = useStoreModel();
  const { mutate, isPending, error } = useCall({
    mutationFn: () => consoleApi.patchModel(model.id, { name: name.trim() }),
    onSuccess: (renamed) => {
      store(renamed);
      onClose();
    },
  });

  function save(event: FormEvent): void {
    event.preventDefault();
    if (name.trim() === model.name) onClose();
    else if (name.trim() !== '') mutate();
  }

  return (
    <form onSubmit={save}>
      <Group gap="xs" align="flex-start">
        <TextInput
          aria-label="Name of the model"
          data-autofocus
          autoFocus
          maxLength={100}
          miw={{ base: '100%', xs: 320 }}
          value={name}
          error={name.trim() === '' ? 'It needs a name.' : error?.message}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
          onKeyDown={({ key }) => {
            if (key === 'Escape') onClose();
          }}
        />
        <Button type="submit" loading={isPending}>
          Rename
        </Button>
        <Button variant="subtle" color="gray" onClick={onClose}>
          Cancel
        </Button>
      </Group>
    </form>
  );
}
