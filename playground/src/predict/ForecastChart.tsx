// What was, and what is forecast after it, as one line. Loaded with the first forecast: the chart library is large.
import '@mantine/charts/styles.css';
import { LineChart } from '@mantine/charts';
import type { PipelineSchema } from '../../../worker/contract.ts';
import { toReadable } from '../numbers.ts';
import type { Row } from '../row.ts';
import { toHistory } from './history.ts';

interface Props {
  schema: PipelineSchema;
  row: Row;
  values: readonly number[];
}

export default function ForecastChart({ schema, row, values }: Props) {
  const past = toHistory(schema, row);
  const names = [schema.label ?? []].flat();
  const data = [
    ...past.map(({ name, value }, i) => ({
      name,
      past: value,
      // The two lines meet.
      ...(i === past.length - 1 ? { forecast: value } : {}),
    })),
    ...values.map((value, i) => ({ name: names[i] ?? `+${i + 1}`, forecast: value })),
  ];
  return (
    <figure aria-label={`Chart: ${past.length} values so far, then the forecast ${values.map(toReadable).join(', ')}`}>
      <LineChart
        h={230}
        data={data}
        dataKey="name"
        series={[
          { name: 'past', label: 'so far', color: 'var(--soft)' },
          { name: 'forecast', label: 'forecast', color: 'var(--accent)' },
        ]}
        curveType="monotone"
        withDots={false}
        strokeWidth={2.5}
        gridAxis="x"
        tickLine="none"
        valueFormatter={toReadable}
        yAxisProps={{ width: 48, domain: ['auto', 'auto'], tickFormatter: toReadable }}
        withLegend
        legendProps={{ verticalAlign: 'bottom', height: 28 }}
      />
    </figure>
  );
}
