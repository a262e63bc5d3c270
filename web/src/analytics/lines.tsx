import "@mantine/charts/styles.css";

import { LineChart } from "@mantine/charts";

import { formatCompact, formatCount, formatDay } from "../format";

export interface Line {
  name: string;
  color: string;
  /** The days of its values; those of the time before are not the axis's. */
  days: string[];
  values: (number | null)[];
  isEarlier?: boolean;
}

interface LinesProps {
  days: string[];
  lines: Line[];
}

/** Values by day. A day without a value is a gap: it is not known, which is not 0. */
export function Lines({ days, lines }: LinesProps) {
  const points = days.map((day, at) => ({
    day,
    ...Object.fromEntries(lines.map(({ name, values }) => [name, values[at] ?? null])),
  }));
  return (
    <LineChart
      h={260}
      aria-hidden
      data={points}
      dataKey="day"
      curveType="linear"
      connectNulls={false}
      withDots={days.length < 15}
      dotProps={{ r: 3 }}
      withLegend={lines.length > 1}
      legendProps={{ verticalAlign: "bottom" }}
      series={lines.map(({ name, color, isEarlier }) => ({
        name,
        color,
        strokeDasharray: isEarlier ? "5 5" : undefined,
      }))}
      valueFormatter={(value) => formatCount(value)}
      tooltipProps={{ isAnimationActive: false }}
      lineProps={{ isAnimationActive: false }}
      xAxisProps={{ tickFormatter: (day: string) => formatDay(day), minTickGap: 32 }}
      yAxisProps={{
        tickFormatter: (value: number) => formatCompact(value),
        domain: ["auto", "auto"],
        width: 52,
      }}
      lineChartProps={{ accessibilityLayer: false }}
    />
  );
}
