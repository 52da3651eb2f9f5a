// No place left in the plan: who holds it, and the way out in one click.
import { Button, Group, NativeSelect } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { PipelineSwitch, Wish } from '../use-switch.ts';
import { toCount } from '../words.ts';
import { Notice } from './Notice.tsx';
import classes from './parts.module.css';

interface Props {
  readonly name: string;
  readonly pipeline: PipelineSwitch;
  /** What was wished for, to be asked for again. */
  readonly version?: number | undefined;
}

export function QuotaRefusal({ name, pipeline, version }: Props) {
  const holders = pipeline.holders ?? [];
  const [chosen, setChosen] = useState(holders[0]?.id ?? '');
  const way = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    way.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const holder = holders.find(({ id }) => id === chosen) ?? holders[0];
  if (holder === undefined) return null;
  const wish: Wish = { on: true, instead: holder.id, ...(version === undefined ? {} : { version }) };
  return (
    <Notice tone="warn" role="alert" title="Your plan has no free place">
      <p>
        {holders.length === 1
          ? `It allows one active model, and “${holder.name}” holds that place. Its callers are refused with 403 once it is off; its URL stays the same for later.`
          : `It allows ${toCount(holders.length, 'active model')}, and all places are taken. Choose one that gives way: its callers are refused with 403.`}
      </p>
      {holders.length > 1 && (
        <NativeSelect
          mt="sm"
          size="sm"
          maw={320}
          label="Deactivate"
          value={holder.id}
          onChange={({ currentTarget }) => setChosen(currentTarget.value)}
          data={holders.map(({ id, name: label }) => ({ value: id, label }))}
        />
      )}
      <Group mt="md" gap="sm">
        <Button
          ref={way}
          size="sm"
          loading={pipeline.pending}
          onClick={() => pipeline.set(wish)}
          classNames={{ root: classes.long, label: classes.longLabel }}
        >
          Deactivate {short(holder.name)} and activate {short(name)}
        </Button>
        <Button size="sm" variant="subtle" color="gray" onClick={pipeline.reset}>
          Leave it
        </Button>
      </Group>
    </Notice>
  );
}

function short(name: string): string {
  return name.length > 28 ? `${name.slice(0, 27)}…` : name;
}
