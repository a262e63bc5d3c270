import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { formatPeriod } from "../format";
import { numbersQuery, type Asked } from "./asked";
import { ChartCard } from "./chart-card";
import { Lines } from "./lazy-lines";
import { findMetric, isPreliminary, linesOf, tableOf } from "./places";

export function Growth({ asked }: { asked: Asked }) {
  const [view, setView] = useState("gained");
  const numbers = useQuery(numbersQuery(asked));
  const days = formatPeriod(asked.start, asked.end);
  return (
    <ChartCard
      title="Follower growth"
      subtitle={view === "gained" ? `Gained since the first day, ${days}` : days}
      question={`How did my followers grow from ${asked.start} to ${asked.end}?`}
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
          ? linesOf(metric, asked.compare !== undefined, view === "gained" ? gained : undefined)
          : [];
        return {
          table: tableOf(data.dates, lines),
          chart: <Lines days={data.dates} lines={lines} />,
          notes: metric?.notes,
          isPreliminary: metric && isPreliminary(metric),
        };
      }}
    </ChartCard>
  );
}

/** Followers more than on the first known day. */
function gained(values: (number | null)[]) {
  const first = values.find((value) => value !== null);
  return values.map((value) => (value === null || typeof first !== "number" ? null : value - first));
}
