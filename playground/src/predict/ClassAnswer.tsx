// The predicted class large; the probability of each class as a bar, in the order of the classes.
import { Progress } from '@mantine/core';
import type { PipelineSchema, Prediction } from '../../../worker/contract.ts';
import { toPercent } from '../numbers.ts';
import classes from './predict.module.css';

/** Bars that are shown; of more classes the most probable ones. */
const BARS = 12;
/** More of them stand in one line each, where their names are short. */
const ROOMY_BARS = 4;
const SHORT_NAME = 12;

export function ClassAnswer({ schema, prediction }: { schema: PipelineSchema; prediction: Prediction }) {
  const { prediction: winner, probability } = prediction;
  const bars = toBars(schema.classes ?? [], probability ?? []);
  const isDense = bars.length > ROOMY_BARS && bars.every(({ name }) => name.length <= SHORT_NAME);
  return (
    <>
      <p className={classes.winner}>{String(winner)}</p>
      <dl className={classes.bars} data-dense={isDense || undefined}>
        {bars.map(({ name, share }) => (
          <div key={name} className={classes.bar} data-winner={name === String(winner) || undefined}>
            <dt>{name}</dt>
            <dd>
              <Progress
                value={share * 100}
                color={name === String(winner) ? 'var(--accent)' : 'var(--quiet-bar)'}
                size={8}
                radius="xl"
                aria-label={`Probability of ${name}`}
                transitionDuration={150}
              />
              <span className="numbers">{toPercent(share)}</span>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function toBars(names: readonly unknown[], probability: readonly number[]) {
  const bars = probability.map((share, i) => ({ name: String(names[i] ?? i), share }));
  return bars.length <= BARS ? bars : bars.sort((a, b) => b.share - a.share).slice(0, BARS);
}
