import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { capitalized, formatCount, formatPeriod } from "../format";
import { beforeOf, engagementQuery, wordsOf, type Asked } from "./asked";
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

/** Engagement by day, what it is made of, reach and views. */
export function Results({ asked }: { asked: Asked }) {
  const [name, setName] = useState("engagement");
  const engagement = useQuery(engagementQuery(asked));
  const isCompared = asked.compare !== undefined;
  return (
    <ChartCard
      title="Engagement"
      subtitle={`By day, ${formatPeriod(asked.start, asked.end)}`}
      question={
        isCompared
          ? `How did my ${name} ${wordsOf(asked)} compare with ${beforeOf(asked)}?`
          : `How much ${name} did I get ${wordsOf(asked)}?`
      }
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
            label: capitalized(label),
          }))}
        />
      }
    >
      {(data) => {
        const metric = findMetric(data, name);
        const lines = metric ? linesOf(data, metric, isCompared) : [];
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

function headlineOf({ value, compared }: Place): string | null {
  if (value.value === null) return null;
  const before = changeText(compared);
  return `${formatCount(value.value)} in all${before ? `, ${before}` : ""}`;
}
