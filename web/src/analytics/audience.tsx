import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { formatDay, formatFigure, formatSigned } from "../format";
import { platformName } from "../panels/platform-icons";
import { audienceQuery, type Asked } from "./asked";
import { Bars } from "./bars";
import { ChartCard } from "./chart-card";

const MOST = 8;

export function Audience({ asked }: { asked: Asked }) {
  const audience = useQuery(audienceQuery(asked));
  const [chosen, setChosen] = useState<string | null>(null);
  const parts = (audience.data?.items ?? []).map((part) => ({
    ...part,
    name: `${platformName(part.platform)}: ${part.dimension}`,
  }));
  const part = parts.find(({ name }) => name === chosen) ?? parts[0];
  return (
    <ChartCard
      title="Audience"
      subtitle={part && `${part.account}, as known on ${formatDay(part.date, "long")}`}
      question="Who is my audience, and what does that mean for what I post?"
      agent="content_strategist"
      query={audience}
      empty="Your platforms have not told who your audience is. It appears here once they do."
      controls={
        parts.length > 1 && (
          <Select
            size="xs"
            w={220}
            aria-label="Part of the audience"
            allowDeselect={false}
            value={part?.name ?? null}
            onChange={setChosen}
            data={parts.map(({ name }) => name)}
          />
        )
      }
    >
      {({ notes }) => ({
        table: {
          columns: [
            { title: "Part", kind: "text" },
            { title: "Share", kind: "percent" },
            { title: "Before", kind: "percent" },
          ],
          rows: (part?.shares ?? []).map(({ label, percent, previous }) => [
            label, percent.value, previous?.value ?? null,
          ]),
        },
        chart: (
          <Bars
            bars={(part?.shares ?? []).slice(0, MOST).map(({ label, percent, previous }) => ({
              name: label,
              value: percent.value,
              text: formatFigure(percent),
              hint:
                percent.value !== null && typeof previous?.value === "number"
                  ? `${formatSigned(percent.value - previous.value)} points since before`
                  : undefined,
            }))}
          />
        ),
        notes: part
          ? [
              ...(part.shares.length > MOST ? [`The largest ${MOST} of ${part.shares.length}; the table has all.`] : []),
              ...notes,
            ]
          : [],
      })}
    </ChartCard>
  );
}
