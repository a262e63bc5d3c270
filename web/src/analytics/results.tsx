import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { formatPeriod } from "../format";
import { engagementQuery, type Asked } from "./asked";
import { ChartCard } from "./chart-card";
import { Lines } from "./lazy-lines";
import { findMetric, isPreliminary, linesOf, tableOf } from "./places";

/** Engagement by day, what it is made of, reach and views. */
export function Results({ asked }: { asked: Asked }) {
  const [name, setName] = useState("engagement");
  const engagement = useQuery(engagementQuery(asked));
  return (
    <ChartCard
      title="Engagement"
      subtitle={`By day, ${formatPeriod(asked.start, asked.end)}`}
      question={`How did my ${name} develop from ${asked.start} to ${asked.end}, and why?`}
      agent="career"
      query={engagement}
      empty={`No ${name} is known for these days.`}
      controls={
        <Select
          size="xs"
          w={160}
          aria-label="Number"
          allowDeselect={false}
          value={name}
          onChange={(chosen) => chosen && setName(chosen)}
          data={(engagement.data?.metrics ?? []).map(({ metric, label }) => ({
            value: metric,
            label: label.charAt(0).toUpperCase() + label.slice(1),
          }))}
        />
      }
    >
      {(data) => {
        const metric = findMetric(data, name);
        const lines = metric ? linesOf(metric, asked.compare !== undefined) : [];
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
