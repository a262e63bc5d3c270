import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { formatChange, formatCount, formatPeriod, formatSigned } from "../format";
import { platformName } from "../panels/platform-icons";
import { numbersQuery, wordsOf, type Asked } from "./asked";
import { Bars } from "./bars";
import { ChartCard } from "./chart-card";
import { changeText, findMetric, isPreliminary, type Numbers } from "./places";

type View = "growth" | "engagement" | "views";

const VIEWS: { value: View; label: string }[] = [
  { value: "growth", label: "Growth" },
  { value: "engagement", label: "Engagement" },
  { value: "views", label: "Views" },
];
const SHOWN = ["followers", "engagement", "views"];
const CHANGES = ["Gained: change", "Engagement: change", "Views: change"].map((title) => ({
  title,
  kind: "percent" as const,
}));

export function Comparison({ asked }: { asked: Asked }) {
  const [view, setView] = useState<View>("growth");
  const numbers = useQuery(numbersQuery({ ...asked, platform: undefined }));
  return (
    <ChartCard
      title="Platforms compared"
      subtitle={formatPeriod(asked.start, asked.end)}
      question={`Compare my platforms ${wordsOf({ ...asked, platform: undefined })}`}
      agent="career"
      query={numbers}
      empty="No platform has numbers for these days."
      controls={
        <SegmentedControl
          size="xs"
          aria-label="Compare by"
          value={view}
          onChange={(name) => setView(name as View)}
          data={VIEWS}
          style={{ alignSelf: "flex-start" }}
        />
      }
    >
      {(data) => {
        const rows = rowsOf(data);
        const isCompared = asked.compare !== undefined;
        return {
          table: {
            columns: [
              { title: "Platform", kind: "text" },
              { title: "Followers", kind: "count" },
              { title: "Gained", kind: "count" },
              { title: "Growth", kind: "percent" },
              { title: "Engagement", kind: "count" },
              { title: "Views", kind: "count" },
              ...(isCompared ? CHANGES : []),
            ],
            rows: rows.map((row) => [
              platformName(row.platform),
              row.followers,
              row.gained,
              row.growth,
              row.engagement,
              row.views,
              ...(isCompared ? row.changes : []),
            ]),
          },
          chart: (
            <Bars
              bars={rows.map((row) => {
                const value = row[view];
                const write = view === "growth" ? formatChange : formatCount;
                return {
                  name: platformName(row.platform),
                  value,
                  text: value === null ? "not known" : write(value),
                  hint: row.hints[view],
                };
              })}
            />
          ),
          isPreliminary: SHOWN.some((name) => {
            const metric = findMetric(data, name);
            return metric && isPreliminary(metric);
          }),
        };
      }}
    </ChartCard>
  );
}

function rowsOf(numbers: Numbers) {
  const placeOf = (name: string, platform: string) =>
    findMetric(numbers, name)?.platforms.find((place) => place.platform === platform);
  return (findMetric(numbers, "followers")?.platforms ?? []).flatMap((followers) => {
    const { platform, value, growth, compared } = followers;
    if (platform === null) return [];
    const engagement = placeOf("engagement", platform);
    const views = placeOf("views", platform);
    return [
      {
        platform,
        followers: value.value,
        gained: growth?.change.value ?? null,
        growth: growth?.percent.value ?? null,
        engagement: engagement?.value.value ?? null,
        views: views?.value.value ?? null,
        changes: [followers, engagement, views].map((place) => place?.compared?.percent.value ?? null),
        hints: {
          growth: growthHint(value.value, growth?.change.value, compared?.before.value),
          engagement: changeText(engagement?.compared ?? null),
          views: changeText(views?.compared ?? null),
        },
      },
    ];
  });
}

/** “24,133 followers, +769, before +1,260”. */
function growthHint(followers: number | null, gained?: number | null, before?: number | null) {
  const parts = [`${formatCount(followers)} followers`];
  if (typeof gained === "number") parts.push(formatSigned(gained));
  if (typeof before === "number") parts.push(`before ${formatSigned(before)}`);
  return parts.join(", ");
}
