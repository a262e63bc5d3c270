import "@mantine/schedule/styles.css";

import { VisuallyHidden } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { MobileMonthView, MonthView } from "@mantine/schedule";
import { useState } from "react";

import { todayIn } from "../analytics/asked";
import { PlatformIcon, platformName } from "../panels/platform-icons";
import classes from "./plan-calendar.module.css";
import type { Edited } from "./item-editor";
import type { Plan, PlanItem } from "./queries";

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
  const isPhone = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const today = todayIn(plan.timezone);
  const [month, setMonth] = useState(today > plan.start && today <= plan.end ? today : plan.start);
  const events = (plan.items ?? []).map((item, at) => ({
    id: at,
    title: `${item.time.slice(0, 5)} ${platformName(item.platform)}: ${item.hook}`,
    start: `${item.date} ${item.time}`,
    end: `${item.date} ${item.time}`,
    color: COLORS[item.platform] ?? "violet",
    payload: item,
  }));
  const shared = {
    date: month,
    onDateChange: setMonth,
    consistentWeeks: false,
    events,
    onEventClick: ({ id }: { id: string | number }) => onOpen(Number(id)),
  };
  if (isPhone) return <MobileMonthView {...shared} defaultSelectedDate={month} />;
  return (
    <MonthView
      {...shared}
      mode="default"
      maxEventsPerDay={3}
      withOutsideDays={false}
      renderEventBody={({ payload }: { payload?: PlanItem }) => payload && (
        <span className={classes.post}>
          <PlatformIcon platform={payload.platform} size={16} />
          <span>
            {payload.time.slice(0, 5)}{" "}
            <VisuallyHidden>{platformName(payload.platform)}: </VisuallyHidden>
            {payload.hook}
          </span>
        </span>
      )}
      classNames={{ monthView: classes.calendar, monthViewDay: classes.day, viewSelect: classes.views }}
    />
  );
}
