import { useQuery } from "@tanstack/react-query";

import type { Schema } from "../api/client";
import { goalsQuery } from "../api/queries";
import { formatDay, formatFigure, formatSigned } from "../format";
import { platformName } from "../panels/platform-icons";
import { daysBetween, useToday, type Platform } from "./asked";
import { Bars } from "./bars";
import { ChartCard } from "./chart-card";

type Goal = Schema["GoalOut"];

/** How far each goal is, beside how far it would be at an even pace; all goals or a platform's. */
export function GoalPace({ platform }: { platform?: Platform }) {
  const goals = useQuery(goalsQuery);
  const today = useToday();
  return (
    <ChartCard
      title="Goal pace"
      subtitle="How much of the way is done, and how fast it goes"
      question={`Am I on track for my goals${platform ? ` on ${platformName(platform)}` : ""}, and what would help?`}
      agent="goal_tracker"
      query={goals}
      empty={
        platform
          ? `You have no goal on ${platformName(platform)}. Ask the goal tracker for one that fits your pace.`
          : "You have no goal yet. Ask the goal tracker for one that fits your pace."
      }
    >
      {(data) => {
        const items = data.items.filter((goal) => !platform || goal.platform === platform);
        return {
          table: {
            columns: [
              { title: "Goal", kind: "text" },
              { title: "Now", kind: "count" },
              { title: "Target", kind: "count" },
              { title: "Done", kind: "percent" },
              { title: "Time gone", kind: "percent" },
              { title: "A day", kind: "number" },
              { title: "Needed a day", kind: "number" },
            ],
            rows: items.map((goal) => [
              goal.title,
              goal.progress.current,
              goal.target_value,
              goal.progress.percent,
              timeGone(goal, today),
              goal.progress.pace,
              goal.progress.needed_pace,
            ]),
          },
          chart: (
            <Bars
              whole={100}
              bars={items.map((goal) => ({
                name: goal.title,
                value: goal.progress.percent,
                text: goal.progress.percent === null ? "not known" : formatFigure({ value: goal.progress.percent, unit: "percent" }),
                hint: paceOf(goal),
              }))}
            />
          ),
        };
      }}
    </ChartCard>
  );
}

function timeGone({ start_date, due_date }: Goal, today: string): number | null {
  if (!due_date) return null;
  const all = daysBetween(start_date, due_date);
  return all > 0 ? Math.min(100, Math.round((100 * daysBetween(start_date, today)) / all)) : 100;
}

function paceOf({ progress, due_date }: Goal): string {
  const { pace, needed_pace, expected_on, is_on_track } = progress;
  const parts = [pace === null ? "Its pace is not known yet" : `${formatSigned(pace)} a day`];
  if (pace !== null && needed_pace !== null) parts.push(`needs ${formatSigned(needed_pace)}`);
  if (due_date) parts.push(`due ${formatDay(due_date, "long")}`);
  if (expected_on && is_on_track === false) parts.push(`at this pace on ${formatDay(expected_on, "long")}`);
  return parts.join(" · ");
}
