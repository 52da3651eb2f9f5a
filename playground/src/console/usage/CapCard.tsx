// The daily cap: what is used of it, and how its owner sets it.
import { Anchor, Button, Group, NumberInput, Progress, Radio, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Usage } from '../../../../worker/contract.ts';
import type { ConsoleModel } from '../../../wire.ts';
import { toReadable } from '../../numbers.ts';
import { consoleApi, keys, type ModelPatch } from '../api.ts';
import classes from '../console.module.css';
import { useStoreModel } from '../model-cache.ts';
import { Notice } from '../parts/Notice.tsx';
import { useCall } from '../use-call.ts';
import { toCount, toDate } from '../words.ts';
import page from './usage.module.css';

type Cap = Usage['cap'];

export function CapCard({ model, cap }: { model: ConsoleModel; cap: Cap }) {
  const store = useStoreModel();
  const queries = useQueryClient();
  const [wanted, setWanted] = useState<number | string>(cap.daily_cap);
  const [onCap, setOnCap] = useState<Cap['on_cap']>(cap.on_cap);
  const { mutate, isPending, error } = useCall({
    mutationFn: (patch: ModelPatch) => consoleApi.patchModel(model.id, patch),
    onSuccess: (changed) => {
      store(changed);
      setWanted(changed.pipeline.daily_cap);
      setOnCap(changed.pipeline.on_cap);
      void queries.invalidateQueries({ queryKey: keys.usage(model.id) });
      notifications.show({ message: `The cap is ${toCount(changed.pipeline.daily_cap, 'prediction')} a day.` });
    },
  });
  const isChanged = wanted !== cap.daily_cap || onCap !== cap.on_cap;
  const isValid = typeof wanted === 'number' && Number.isInteger(wanted) && wanted >= 1;

  function save(event: FormEvent): void {
    event.preventDefault();
    if (isValid && isChanged) mutate({ daily_cap: wanted, on_cap: onCap });
  }

  return (
    <section className={`${classes.card} ${classes.padded}`} aria-labelledby="cap-heading">
      <h2 className={classes.caps} id="cap-heading">
        Daily cap
      </h2>
      <p className={page.sum}>
        <b>{toReadable(cap.used)}</b> of {toCount(cap.daily_cap, 'prediction')} used today
      </p>
      <Progress
        value={Math.min(100, (100 * cap.used) / cap.daily_cap)}
        color={cap.left === 0 ? 'red.8' : 'postern.6'}
        aria-label="Used of the daily cap"
        size="sm"
        mb="xs"
      />
      <Text size="sm" c="dimmed">
        {cap.left === 0 ? 'The cap is reached. ' : `${toCount(cap.left, 'prediction')} left. `}It begins anew at{' '}
        {toDate(cap.resets_at)} (00:00 UTC). A row counts one; what is refused before the model counts nothing.
      </Text>
      <form onSubmit={save} className={page.form}>
        <NumberInput
          label="Predictions a day, at most"
          value={wanted}
          onChange={setWanted}
          min={1}
          allowDecimal={false}
          allowNegative={false}
          thousandSeparator=","
          hideControls
          maw={220}
          error={isValid ? undefined : 'A whole number from 1 on.'}
        />
        <Radio.Group
          label="When it is reached"
          value={onCap}
          onChange={(value) => setOnCap(value === 'pause' ? 'pause' : 'refuse')}
        >
          <Stack gap="xs" mt={6}>
            <Radio
              value="refuse"
              label="Refuse calls until 00:00 UTC"
              description="Callers get 429 with Retry-After. Then it answers again by itself."
            />
            <Radio
              value="pause"
              label="Switch the API off"
              description="Callers get 403 until you switch it on again."
              disabled={model.tutorial}
            />
          </Stack>
        </Radio.Group>
        {error !== null && (
          <Notice tone="bad" role="alert">
            {error.message}
          </Notice>
        )}
        <Group gap="md">
          <Button type="submit" size="sm" loading={isPending} disabled={!isValid || !isChanged}>
            Save
          </Button>
          <Anchor
            component="button"
            type="button"
            size="sm"
            underline="always"
            onClick={() => mutate({ daily_cap: null, on_cap: onCap })}
          >
            Use what the plan gives
          </Anchor>
        </Group>
      </form>
    </section>
  );
}
