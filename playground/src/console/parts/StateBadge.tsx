// The state of a pipeline in one word.
import type { ConsolePipeline } from '../../../wire.ts';
import classes from '../console.module.css';

const WORDS: Record<ConsolePipeline['status'], string> = {
  inactive: 'Off',
  deploying: 'Deploying…',
  active: 'Active',
  failed: 'Failed',
};

export function StateBadge({ pipeline: { status } }: { pipeline: ConsolePipeline }) {
  return (
    <span className={classes.state} data-state={status}>
      {WORDS[status]}
    </span>
  );
}
