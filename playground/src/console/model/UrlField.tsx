// The secret URL, masked. It is asked for when its owner wants to see or copy it, is kept in no cache, and hides again
// after half a minute or as soon as one looks elsewhere.
import { Anchor, Button, Group, Text } from '@mantine/core';
import { useWindowEvent } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconCopy, IconEye, IconEyeOff, IconRefresh } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import type { ConsoleModel } from '../../../wire.ts';
import { consoleApi } from '../api.ts';
import classes from '../console.module.css';
import { useCall } from '../use-call.ts';
import { toDate } from '../words.ts';
import page from './model.module.css';
import { RotateModal } from './RotateModal.tsx';

const SHOWN_MS = 30_000;

export function UrlField({ model, masked }: { model: ConsoleModel; masked: string }) {
  const [url, setUrl] = useState<string | null>(null);
  const [rotating, setRotating] = useState(false);
  const hide = (): void => setUrl(null);
  useEffect(() => {
    if (url === null) return;
    const timer = setTimeout(() => setUrl(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [url]);
  useWindowEvent('pagehide', hide);
  useWindowEvent('blur', hide);

  // Nothing is returned: what a mutation answers is kept by the cache for a while.
  const show = useCall({ mutationFn: async () => setUrl((await consoleApi.revealUrl(model.id)).url) });
  const copy = useCall({
    mutationFn: () => copyUrl(model.id),
    onSuccess: () =>
      notifications.show({ message: 'The URL is in the clipboard. Keep it in a secret of your server.' }),
  });
  const error = show.error ?? copy.error;

  return (
    <div className={page.url}>
      <h3 className={classes.caps}>URL</h3>
      <div className={page.urlLine}>
        <code className={page.secret} data-shown={url !== null || undefined}>
          {url ?? masked}
        </code>
        <Group gap="xs" wrap="nowrap">
          <Button
            variant="default"
            size="sm"
            leftSection={url === null ? <IconEye size={16} /> : <IconEyeOff size={16} />}
            loading={show.isPending}
            onClick={() => (url === null ? show.mutate() : hide())}
          >
            {url === null ? 'Show' : 'Hide'}
          </Button>
          <Button size="sm" leftSection={<IconCopy size={16} />} loading={copy.isPending} onClick={() => copy.mutate()}>
            Copy
          </Button>
        </Group>
      </div>
      {error !== null && (
        <p className={classes.fault} role="alert">
          {error.message}
        </p>
      )}
      <Group justify="space-between" mt="sm" gap="xs">
        <Text size="sm" c="dimmed">
          For your servers only: whoever has it can call the model.{' '}
          <Anchor component={Link} href="/try/iris/server" inherit underline="always">
            Why pages may not know it
          </Anchor>
        </Text>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<IconRefresh size={15} />}
          onClick={() => setRotating(true)}
        >
          Rotate…
        </Button>
      </Group>
      {model.pipeline.old_url_until !== undefined && (
        <Text size="sm" mt="xs">
          The old URL answers as well until <b>{toDate(model.pipeline.old_url_until)}</b>.
        </Text>
      )}
      <RotateModal model={model} opened={rotating} onClose={() => setRotating(false)} onRotated={hide} />
    </div>
  );
}

/** The clipboard is given the promise, since some browsers only take what a click has begun. */
async function copyUrl(id: string): Promise<void> {
  if (navigator.clipboard === undefined) {
    throw new Error('This browser copies only on https or localhost. Use Show instead.');
  }
  const url = consoleApi.revealUrl(id);
  const text = url.then((revealed) => new Blob([revealed.url], { type: 'text/plain' }));
  const written = navigator.clipboard.write([new ClipboardItem({ 'text/plain': text })]);
  written.catch(() => undefined);
  await url;
  try {
    await written;
  } catch {
    throw new Error('The browser did not let the page copy. Use Show instead.');
  }
}
