import "@mantine/schedule/styles.css";

import { MonthView } from "@mantine/schedule";
import { useState } from "react";

import { todayIn } from "../analytics/asked";
import { platformName } from "../panels/platform-icons";
import classes from "./plan-calendar.module.css";
import type { Edited } from "./plan-page";
import type { Plan } from "./queries";

const COLORS: Record<string, string> = {
  instagram: "pink",
  facebook: "blue",
  youtube: "red",
  spotify: "teal",
};

interface PlanCalendarProps {
  plan: Plan;
  onOpen: (edited: Edited) => void;
}

/** A month of posts; a post opens where it is pressed. */
export function PlanCalendar({ plan, onOpen }: PlanCalendarProps) {
  const today = todayIn(plan.timezone);
  const [month, setMonth] = useState(today > plan.start && today <= plan.end ? today : plan.start);
  return (
    <MonthView
      date={month}
      onDateChange={setMonth}
      mode="default"
      maxEventsPerDay={3}
      consistentWeeks={false}
      withOutsideDays={false}
      events={(plan.items ?? []).map((item, at) => ({
        id: at,
        title: `${item.time.slice(0, 5)} ${platformName(item.platform)}: ${item.hook}`,
        start: `${item.date} ${item.time}`,
        end: `${item.date} ${item.time}`,
        color: COLORS[item.platform] ?? "violet",
      }))}
      onEventClick={({ id }) => onOpen(Number(id))}
      classNames={{ monthView: classes.calendar, monthViewDay: classes.day, viewSelect: classes.views }}
    />
  );
}
