// One model of the list: what it is, how well it did, and its switch.
import { Switch, Tooltip } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { Link } from 'wouter';
import type { ConsoleModel } from '../../../wire.ts';
import { findMetric } from '../agreement.ts';
import shared from '../console.module.css';
import { toLeakTitle } from '../leak-words.ts';
import { getNewest, isOn } from '../model-cache.ts';
import { DeactivateModal } from '../parts/DeactivateModal.tsx';
import { QuotaRefusal } from '../parts/QuotaRefusal.tsx';
import { StateBadge } from '../parts/StateBadge.tsx';
import { TaskIcon } from '../parts/TaskIcon.tsx';
import { useSwitch } from '../use-switch.ts';
import { TASKS, toShape } from '../words.ts';
import classes from './list.module.css';

const TUTORIAL = 'The tutorial is always active, so that there is something to call. It counts for nothing.';

export function ModelRow({ model }: { model: ConsoleModel }) {
  const { pipeline } = model;
  const toggle = useSwitch(model.id);
  const [asking, setAsking] = useState(false);
  const label = useId();
  const newest = getNewest(model);
  const waits = pipeline.version !== null && newest > pipeline.version;
  const metric = findMetric(model.report);
  const on = toggle.wish?.on ?? isOn(pipeline);

  function change(wanted: boolean): void {
    if (!wanted && pipeline.status === 'active') setAsking(true);
    else toggle.set({ on: wanted });
  }

  return (
    <li className={classes.item}>
      <div className={classes.row}>
        <TaskIcon model={model} />
        <div className={classes.name}>
          <Link href={`/console/models/${model.id}`} className={classes.link} id={label}>
            {model.name}
          </Link>
          <small>
            {TASKS[model.task]}, {toShape(model)}
          </small>
        </div>
        <div className={classes.metric}>
          {metric !== null && (
            <>
              <b data-low={metric.warning !== null || undefined}>{metric.value}</b>
              <small>{metric.name}</small>
            </>
          )}
        </div>
        <div className={classes.version}>
          <b>{pipeline.version ?? newest}</b>
          <small data-waits={waits || undefined}>{waits ? `v${newest} waits` : 'version'}</small>
        </div>
        <div className={classes.status}>
          <StateBadge pipeline={pipeline} />
        </div>
        <div className={classes.switch}>
          <Tooltip
            label={TUTORIAL}
            disabled={!model.tutorial}
            multiline
            withinPortal={false}
            w={240}
            events={{ hover: true, focus: true, touch: true }}
          >
            {/* The switch itself is an input without a size: nothing to point at. */}
            <span>
              <Switch
                size="md"
                checked={on}
                aria-labelledby={label}
                aria-description={model.tutorial ? TUTORIAL : undefined}
                aria-disabled={model.tutorial || toggle.pending || undefined}
                className={classes.toggle}
                onChange={({ currentTarget }) => {
                  if (!model.tutorial && !toggle.pending) change(currentTarget.checked);
                }}
              />
            </span>
          </Tooltip>
        </div>
      </div>
      {toggle.holders !== null && <QuotaRefusal name={model.name} pipeline={toggle} />}
      {toggle.error !== null && toggle.holders === null && (
        <p className={shared.fault} role="alert">
          {toggle.error.message}
        </p>
      )}
      {pipeline.status === 'failed' && pipeline.reason !== undefined && (
        <p className={shared.fault}>{pipeline.reason}</p>
      )}
      {model.page_calls.calls > 0 && (
        <p className={classes.leak}>
          <IconAlertTriangle size={15} aria-hidden />
          <span>{toLeakTitle(model.page_calls)}</span>
        </p>
      )}
      <DeactivateModal
        name={model.name}
        opened={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          toggle.set({ on: false });
        }}
      />
    </li>
  );
}
