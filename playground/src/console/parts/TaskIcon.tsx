// A picture of what a model does: by its task, or of an image where it takes one.
import { IconCategory, IconChartDots, IconPhoto, IconTrendingUp } from '@tabler/icons-react';
import type { ConsoleModel } from '../../../wire.ts';
import classes from '../console.module.css';
import { TASKS } from '../words.ts';

const ICONS = { classification: IconCategory, regression: IconChartDots, forecasting: IconTrendingUp };

export function TaskIcon({ model }: { model: Pick<ConsoleModel, 'task' | 'features'> }) {
  const Icon = model.features.some(({ type }) => type === 'image') ? IconPhoto : ICONS[model.task];
  return (
    <span className={classes.icon} title={TASKS[model.task]}>
      <Icon size={20} stroke={1.6} aria-hidden />
    </span>
  );
}
