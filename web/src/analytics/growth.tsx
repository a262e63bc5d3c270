import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { formatChange, formatPeriod, formatSigned } from "../format";
import { beforeOf, numbersQuery, wordsOf, type Asked } from "./asked";
import { ChartCard } from "./chart-card";
import { Lines } from "./lazy-lines";
import {
  changeText,
  findMetric,
  isPreliminary,
  linesOf,
  noteOf,
  tableOf,
  type Place,
} from "./places";

export function Growth({ asked }: { asked: Asked }) {
  const [view, setView] = useState("gained");
  const numbers = useQuery(numbersQuery(asked));
  const days = formatPeriod(asked.start, asked.end);
  const isCompared = asked.compare !== undefined;
  return (
    <ChartCard
      title="Follower growth"
      subtitle={view === "gained" ? `Gained since the close of the day before, ${days}` : days}
      question={
        isCompared
          ? `How did my follower growth ${wordsOf(asked)} compare with ${beforeOf(asked)}?`
          : `How did my followers grow ${wordsOf(asked)}?`
      }
      agent="career"
      query={numbers}
      empty="No followers are known for these days."
      controls={
        <SegmentedControl
          size="xs"
          aria-label="Followers as"
          value={view}
          onChange={setView}
          data={[
            { value: "gained", label: "Gained" },
            { value: "count", label: "Count" },
          ]}
          style={{ alignSelf: "flex-start" }}
        />
      }
    >
      {(data) => {
        const metric = findMetric(data, "followers");
        const lines = metric
          ? linesOf(data, metric, isCompared, view === "gained" ? gained : undefined)
          : [];
        return {
          table: tableOf(data.dates, lines),
          chart: <Lines days={data.dates} lines={lines} />,
          headline: metric?.total && headlineOf(metric.total),
          notes: [...noteOf(lines, isCompared), ...(metric?.notes ?? [])],
          isPreliminary: metric && isPreliminary(metric),
        };
      }}
    </ChartCard>
  );
}

/** Followers more than at the start, from which growth is counted. */
function gained(values: (number | null)[], place: Place, isEarlier: boolean) {
  const start = (isEarlier ? startBefore(place) : place.growth?.start.value) ?? firstOf(values);
  return values.map((value) => (value === null || start === null ? null : value - start));
}

function startBefore({ compared, compared_level }: Place): number | null {
  const end = compared_level?.before.value;
  const all = compared?.is_per_day ? null : compared?.before.value;
  return typeof end === "number" && typeof all === "number" ? end - all : null;
}

const firstOf = (values: (number | null)[]) => values.find((value) => value !== null) ?? null;

function headlineOf({ growth, compared }: Place): string | null {
  const change = growth?.change.value;
  if (typeof change !== "number") return null;
  const percent = growth?.percent.value;
  const share = typeof percent === "number" ? ` (${formatChange(percent)})` : "";
  const before = changeText(compared);
  return `${formatSigned(change)}${share}${before ? `, ${before}` : ""}`;
}
