// What the model is called and is; its name can be changed where it stands.
import { ActionIcon, Button, Group } from '@mantine/core';
import { IconPencil, IconTrash, IconUpload } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { Link } from 'wouter';
import type { ConsoleModel } from '../../../wire.ts';
import classes from '../console.module.css';
import { getNewest } from '../model-cache.ts';
import { PageTitle } from '../parts/PageTitle.tsx';
import { StateBadge } from '../parts/StateBadge.tsx';
import { TaskIcon } from '../parts/TaskIcon.tsx';
import { TASKS, toDate, toShape } from '../words.ts';
import { DeleteModal } from './DeleteModal.tsx';
import page from './model.module.css';
import { Rename } from './Rename.tsx';

export function ModelHeader({ model }: { model: ConsoleModel }) {
  const [renaming, setRenaming] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const pencil = useRef<HTMLButtonElement>(null);
  const newest = model.versions[0];
  const label = [model.label ?? []].flat();
  return (
    <header className={page.header}>
      <TaskIcon model={model} />
      <div className={page.heading}>
        {renaming ? (
          <Rename
            model={model}
            onClose={() => {
              setRenaming(false);
              // The button is there again with the next frame.
              requestAnimationFrame(() => pencil.current?.focus());
            }}
          />
        ) : (
          <Group gap="sm" align="center">
            <PageTitle title={model.name} />
            {!model.tutorial && (
              <ActionIcon
                ref={pencil}
                variant="subtle"
                color="gray"
                aria-label="Rename"
                onClick={() => setRenaming(true)}
              >
                <IconPencil size={17} stroke={1.7} />
              </ActionIcon>
            )}
            <StateBadge pipeline={model.pipeline} />
          </Group>
        )}
        <p className={classes.lead}>
          {TASKS[model.task]}
          {label.length > 0 && ` of ${label.length > 2 ? `${label[0]} … ${label.at(-1)}` : label.join(' and ')}`},{' '}
          {toShape(model)}. Version {getNewest(model)}
          {newest !== undefined && !model.tutorial && ` of ${toDate(newest.created_at)}`}.
        </p>
      </div>
      {!model.tutorial && (
        <Group gap="xs" className={page.actions}>
          <Button
            component={Link}
            href={`/console/models/${model.id}/versions/new`}
            variant="default"
            leftSection={<IconUpload size={16} />}
          >
            New version
          </Button>
          <ActionIcon variant="default" size={36} aria-label="Delete the model" onClick={() => setDeleting(true)}>
            <IconTrash size={17} stroke={1.7} />
          </ActionIcon>
          <DeleteModal model={model} opened={deleting} onClose={() => setDeleting(false)} />
        </Group>
      )}
    </header>
  );
}
