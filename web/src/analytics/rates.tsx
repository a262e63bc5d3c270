import { useQuery } from "@tanstack/react-query";

import { formatCount, formatFigure, formatPeriod } from "../format";
import { platformName } from "../panels/platform-icons";
import { engagementQuery, wordsOf, type Asked } from "./asked";
import { Bars } from "./bars";
import { ChartCard } from "./chart-card";

export function Rates({ asked }: { asked: Asked }) {
  const engagement = useQuery(engagementQuery(asked));
  return (
    <ChartCard
      title="Engagement rate of posts"
      subtitle={`Posts of ${formatPeriod(asked.start, asked.end)}`}
      question={`What is my engagement rate ${wordsOf(asked)}, and is that good?`}
      agent="career"
      query={engagement}
      empty="No post of these days has numbers."
    >
      {({ rates }) => {
        const named = rates.map(({ platform, ...rate }) => ({
          ...rate,
          name: platform ? platformName(platform) : "All platforms",
        }));
        return {
          table: {
            columns: [
              { title: "Platform", kind: "text" },
              { title: "Rate", kind: "percent" },
              { title: "Posts", kind: "count" },
              { title: "Posts without numbers", kind: "count" },
            ],
            rows: named.map(({ name, rate, posts, left_out }) => [
              name, rate.value, posts.value, left_out.value,
            ]),
          },
          chart: (
            <Bars
              color="teal"
              bars={named.map(({ name, rate, posts }) => ({
                name,
                value: rate.value,
                text: rate.value === null ? "not known" : formatFigure(rate),
                hint: rate.value === null ? undefined : `${formatCount(posts.value)} posts`,
              }))}
            />
          ),
          notes: rates.some(({ rate }) => rate.label.includes("by views"))
            ? ["Engagement per view; platforms count views differently."]
            : [],
        };
      }}
    </ChartCard>
  );
}
