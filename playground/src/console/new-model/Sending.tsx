// How far an upload is: bytes first, then the work of the server, of which only the end is known.
import { Button, Group, Progress, Text, VisuallyHidden } from '@mantine/core';
import type { Progress as Sent } from '../upload.ts';
import { toSize } from '../words.ts';
import classes from './upload.module.css';

export function Sending({ progress: { sent, total }, onCancel }: { progress: Sent; onCancel: () => void }) {
  const arrived = total > 0 && sent >= total;
  const percent = total === 0 ? 0 : Math.floor((100 * sent) / total);
  const phase = arrived ? 'Reading the graph, running rows of the CSV…' : 'Sending…';
  return (
    <div className={classes.sending}>
      <Group justify="space-between" gap="md" wrap="nowrap">
        <div>
          <Text fw={560}>{phase}</Text>
          <Text size="sm" c="dimmed" className={classes.numbers}>
            {arrived || total === 0
              ? 'A few seconds; large models take longer.'
              : `${toSize(sent)} of ${toSize(total)}, ${percent} %`}
          </Text>
        </div>
        <Button variant="default" size="sm" onClick={onCancel}>
          Cancel
        </Button>
      </Group>
      <Progress
        mt="md"
        aria-label="Upload"
        value={arrived ? 100 : Math.max(percent, 1)}
        animated={arrived}
        striped={arrived}
        transitionDuration={100}
      />
      <VisuallyHidden role="status">{phase}</VisuallyHidden>
    </div>
  );
}
