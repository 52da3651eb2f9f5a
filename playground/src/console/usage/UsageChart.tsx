// Calls per hour as stacked bars. What it shows is in its label and in the table of the card.
import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { toReadable } from '../../numbers.ts';
import { type Bar, KIND_WORDS, KINDS } from './usage-words.ts';

const COLORS = {
  answered: 'var(--usage-answered)',
  wrong: 'var(--usage-wrong)',
  limited: 'var(--usage-limited)',
  failed: 'var(--usage-failed)',
} as const;

export default function UsageChart({ bars }: { bars: readonly Bar[] }) {
  const shown = KINDS.filter((kind) => kind === 'answered' || bars.some((bar) => bar[kind] > 0));
  return (
    <BarChart
      h={240}
      data={[...bars]}
      dataKey="name"
      type="stacked"
      series={shown.map((kind) => ({ name: kind, label: KIND_WORDS[kind], color: COLORS[kind] }))}
      gridAxis="x"
      tickLine="none"
      valueFormatter={toReadable}
      xAxisProps={{ minTickGap: 36 }}
      yAxisProps={{ width: 52, allowDecimals: false, tickFormatter: toReadable }}
      withLegend
      legendProps={{ verticalAlign: 'bottom', height: 28 }}
      barChartProps={{ accessibilityLayer: false, tabIndex: -1, barCategoryGap: 2 }}
      barProps={{ isAnimationActive: false }}
    />
  );
}
