// A number with its unit; several numbers by name, and as a chart where they are a forecast.
import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { PipelineSchema } from '../../../worker/contract.ts';
import { toReadable } from '../numbers.ts';
import classes from './predict.module.css';
import type { Answered } from './use-prediction.ts';

const ForecastChart = lazy(() => import('./ForecastChart.tsx'));

export function NumberAnswer({ schema, answered }: { schema: PipelineSchema; answered: Answered }) {
  const { label, unit, task } = schema;
  const values = [answered.prediction.prediction].flat().map(Number);
  const names = [label ?? 'prediction'].flat();
  const [first] = values;
  if (values.length === 1 && first !== undefined) {
    return (
      <p className={classes.winner}>
        <span className="numbers">{toReadable(first)}</span>
        {unit !== undefined && <span className={classes.winnerUnit}>{unit}</span>}
      </p>
    );
  }
  return (
    <>
      {task === 'forecasting' && (
        <Suspense fallback={<Skeleton h={220} />}>
          <ForecastChart schema={schema} row={answered.row} values={values} />
        </Suspense>
      )}
      <dl className={classes.steps}>
        {values.map((value, i) => {
          const name = names.length === values.length ? String(names[i]) : `step ${i + 1}`;
          return (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="numbers">{toReadable(value)}</dd>
            </div>
          );
        })}
      </dl>
      {unit !== undefined && <p className={classes.unitLine}>{unit}</p>}
    </>
  );
}
