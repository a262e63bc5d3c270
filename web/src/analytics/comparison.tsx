import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { formatCount, formatPeriod } from "../format";
import { platformName } from "../panels/platform-icons";
import { numbersQuery, type Asked } from "./asked";
import { Bars } from "./bars";
import { ChartCard } from "./chart-card";
import { findMetric, percentText, type Numbers } from "./places";

const VIEWS = [
  { value: "growth", label: "Growth" },
  { value: "engagement", label: "Engagement" },
  { value: "views", label: "Views" },
];

export function Comparison({ asked }: { asked: Asked }) {
  const [view, setView] = useState("growth");
  const numbers = useQuery(numbersQuery({ ...asked, platform: undefined }));
  return (
    <ChartCard
      title="Platforms compared"
      subtitle={formatPeriod(asked.start, asked.end)}
      question={`Compare my platforms from ${asked.start} to ${asked.end}`}
      agent="career"
      query={numbers}
      empty="No platform has numbers for these days."
      controls={
        <SegmentedControl
          size="xs"
          aria-label="Compare by"
          value={view}
          onChange={setView}
          data={VIEWS}
          style={{ alignSelf: "flex-start" }}
        />
      }
    >
      {(data) => {
        const rows = rowsOf(data);
        return {
          table: {
            columns: [
              { title: "Platform", kind: "text" },
              { title: "Followers", kind: "count" },
              { title: "Gained", kind: "count" },
              { title: "Growth", kind: "percent" },
              { title: "Engagement", kind: "count" },
              { title: "Views", kind: "count" },
            ],
            rows: rows.map((row) => [
              platformName(row.platform), row.followers, row.gained, row.growth, row.engagement, row.views,
            ]),
          },
          chart: (
            <Bars
              bars={rows.map((row) => {
                const value = row[view as "growth" | "engagement" | "views"];
                return {
                  name: platformName(row.platform),
                  value,
                  text:
                    value === null
                      ? "not known"
                      : view === "growth"
                        ? percentText(value)
                        : formatCount(value),
                  hint: view === "growth" ? `${formatCount(row.followers)} followers` : undefined,
                };
              })}
            />
          ),
        };
      }}
    </ChartCard>
  );
}

function rowsOf(numbers: Numbers) {
  const placeOf = (name: string, platform: string) =>
    findMetric(numbers, name)?.platforms.find((place) => place.platform === platform);
  return (findMetric(numbers, "followers")?.platforms ?? []).flatMap(({ platform, value, growth }) =>
    platform === null
      ? []
      : [
          {
            platform,
            followers: value.value,
            gained: growth?.change.value ?? null,
            growth: growth?.percent.value ?? null,
            engagement: placeOf("engagement", platform)?.value.value ?? null,
            views: placeOf("views", platform)?.value.value ?? null,
          },
        ],
  );
}
