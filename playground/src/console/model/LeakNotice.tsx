// Said where a URL that should be known to servers alone was called from a web page, with what to do about it.
import { Anchor, Button, Group } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import type { ConsoleModel } from '../../../wire.ts';
import { toLeakTitle } from '../leak-words.ts';
import { Notice } from '../parts/Notice.tsx';
import { toAgo, toCount } from '../words.ts';
import page from './model.module.css';
import { RotateModal } from './RotateModal.tsx';

export function LeakNotice({ model }: { model: ConsoleModel }) {
  const [rotating, setRotating] = useState(false);
  const { calls, last_at } = model.page_calls;
  const isThere = calls > 0 && last_at !== null;
  return (
    // The dialog stays while its answer takes the notice away, and gives the focus back.
    <div className={isThere ? page.leak : undefined}>
      {isThere && (
        <Notice tone="warn" title={toLeakTitle(model.page_calls)}>
          <p>
            {toCount(calls, 'call')}, the last {toAgo(last_at, Date.now())}, and all were refused with 403. But whoever
            opens that page can read the URL, and call it from elsewhere. Let the page call your own server, and replace
            the URL.
          </p>
          <Group gap="md" mt="sm">
            <Button size="sm" onClick={() => setRotating(true)}>
              Replace the URL…
            </Button>
            <Anchor component={Link} href={`/console/models/${model.id}/usage`} size="sm" underline="always">
              Which pages
            </Anchor>
          </Group>
        </Notice>
      )}
      <RotateModal model={model} opened={rotating} onClose={() => setRotating(false)} onRotated={() => undefined} />
    </div>
  );
}
