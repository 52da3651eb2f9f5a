// The summary as a chart: bars of classes, a histogram of numbers, a line of steps. Loaded with the first summary: the
// chart library is large. What it shows is in the table beside it, or in its label.
import '@mantine/charts/styles.css';
import { BarChart, LineChart } from '@mantine/charts';
import { toReadable } from '../numbers.ts';
import classes from './csv.module.css';
import type { Bin } from './histogram.ts';
import type { ClassSummary, NumberSummary, Summary } from './summary.ts';
import { toCount, toEdge } from './words.ts';

const BARS = 12;
const HEIGHT = 250;
const HIDDEN = { accessibilityLayer: false, tabIndex: -1 } as const;

export default function SummaryChart({ summary }: { summary: Summary }) {
  return (
    <div role="img" aria-label={toLabel(summary)} className={classes.chart}>
      {summary.kind === 'classes' ? (
        <Bars summary={summary} />
      ) : summary.columns.length === 1 ? (
        <Bins bins={summary.bins} />
      ) : (
        <Steps summary={summary} />
      )}
    </div>
  );
}

function Bars({ summary }: { summary: ClassSummary }) {
  const data = toBars(summary).map(({ name, count }) => ({ name, rows: count }));
  return (
    <BarChart
      h={Math.max(140, data.length * 44 + 40)}
      data={data}
      dataKey="name"
      orientation="vertical"
      series={[{ name: 'rows', color: 'postern.6' }]}
      gridAxis="y"
      tickLine="none"
      valueFormatter={toCount}
      yAxisProps={{ width: toAxisWidth(data.map(({ name }) => name)) }}
      maxBarWidth={22}
      barChartProps={HIDDEN}
      barProps={{ isAnimationActive: false, radius: [0, 4, 4, 0] }}
    />
  );
}

function Bins({ bins }: { bins: readonly Bin[] }) {
  const data = bins.map((bin) => ({ name: toEdge(bin, bin.from), range: toRange(bin), rows: bin.count }));
  return (
    <BarChart
      h={HEIGHT}
      data={data}
      dataKey="name"
      series={[{ name: 'rows', color: 'postern.6' }]}
      gridAxis="x"
      tickLine="none"
      valueFormatter={toCount}
      yAxisProps={{ width: 56 }}
      tooltipProps={{ labelFormatter: (name, [bar]) => bar?.payload.range ?? name }}
      barChartProps={{ ...HIDDEN, barCategoryGap: 2 }}
      barProps={{ isAnimationActive: false, radius: [3, 3, 0, 0] }}
    />
  );
}

function Steps({ summary: { columns, isForecast } }: { summary: NumberSummary }) {
  const data = columns.map(({ name, mean }) => ({ name, mean }));
  const shared = {
    h: HEIGHT,
    data,
    dataKey: 'name',
    series: [{ name: 'mean', color: 'postern.6' }],
    tickLine: 'none' as const,
    valueFormatter: toReadable,
    yAxisProps: { width: 56, tickFormatter: toReadable, ...(isForecast ? { domain: ['auto', 'auto'] as const } : {}) },
  };
  return isForecast ? (
    <LineChart
      {...shared}
      curveType="monotone"
      strokeWidth={2.5}
      lineChartProps={HIDDEN}
      lineProps={{ isAnimationActive: false }}
    />
  ) : (
    <BarChart {...shared} barChartProps={HIDDEN} barProps={{ isAnimationActive: false }} />
  );
}

const toRange = (bin: Bin): string => `${toEdge(bin, bin.from)} to ${toEdge(bin, bin.to)}`;

/** In their order; of many the most frequent ones. */
function toBars({ classes: found }: ClassSummary) {
  return found.length <= BARS ? found : found.toSorted((a, b) => b.count - a.count).slice(0, BARS);
}

/** What a name takes beside its bar, within reason. */
function toAxisWidth(names: readonly string[]): number {
  return Math.min(150, 16 + 7 * Math.max(...names.map(({ length }) => length)));
}

function toLabel(summary: Summary): string {
  if (summary.kind === 'classes') {
    return `Rows per class: ${toBars(summary)
      .map(({ name, count }) => `${name} ${toCount(count)}`)
      .join(', ')}`;
  }
  if (summary.columns.length > 1) {
    return `Means: ${summary.columns.map(({ name, mean }) => `${name} ${toReadable(mean)}`).join(', ')}`;
  }
  const bins = summary.bins.filter(({ count }) => count > 0);
  return `Histogram, rows per range: ${bins.map((bin) => `${toRange(bin)}: ${toCount(bin.count)}`).join(', ')}`;
}
