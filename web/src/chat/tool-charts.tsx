import type { CSSProperties } from "react";

import { formatFigure } from "../format";
import { heightOf, type Chart } from "./charts-of";
import classes from "./tool-charts.module.css";

/** Small charts that are tables, too: what is drawn can be read out. */
export function ToolCharts({ charts }: { charts: Chart[] }) {
  return charts.map((chart) => <ToolChart key={chart.id} chart={chart} />);
}

function ToolChart({ chart }: { chart: Chart }) {
  const { title, bars, whole } = chart;
  const values = bars.map(({ figure }) => figure.value);
  const least = Math.min(0, ...values);
  const most = Math.max(whole ?? 0, ...values);
  const place = (value: number) => (100 * (value - least)) / (most - least || 1);
  return (
    <table className={classes.chart} style={{ "--chart-height": heightOf(chart) } as CSSProperties}>
      <caption>{title}</caption>
      <tbody>
        {bars.map(({ name, figure }) => (
          <tr key={figure.id}>
            <th scope="row" title={name}>
              {name}
            </th>
            <td className={classes.drawn}>
              <div
                className={classes.bar}
                data-negative={figure.value < 0 || undefined}
                style={{
                  left: `${place(Math.min(0, figure.value))}%`,
                  right: `${100 - place(Math.max(0, figure.value))}%`,
                }}
              />
            </td>
            <td className={classes.value}>{formatFigure(figure)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
