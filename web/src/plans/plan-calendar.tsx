import "@mantine/schedule/styles.css";

import { ActionIcon, Group, Text, VisuallyHidden } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { MobileMonthView, MonthView, type ScheduleEventData } from "@mantine/schedule";
import { ChevronLeft, ChevronRight, type LucideIcon } from "lucide-react";
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
  const Month = isPhone ? NarrowMonth : WideMonth;
  return (
    <Month
      date={month}
      onDateChange={setMonth}
      events={(plan.items ?? []).map((item, at) => ({
        id: at,
        title: `${item.time.slice(0, 5)} ${platformName(item.platform)}: ${item.hook}`,
        start: `${item.date} ${item.time}`,
        end: `${item.date} ${item.time}`,
        color: COLORS[item.platform] ?? "violet",
        payload: item,
      }))}
      onEventClick={({ id }) => onOpen(Number(id))}
    />
  );
}

interface MonthProps {
  date: string;
  onDateChange: (date: string) => void;
  events: (ScheduleEventData & { payload: PlanItem })[];
  onEventClick: (event: { id: string | number }) => void;
}

function WideMonth(props: MonthProps) {
  return (
    <MonthView
      {...props}
      mode="default"
      maxEventsPerDay={3}
      consistentWeeks={false}
      withOutsideDays={false}
      renderEventBody={({ payload }: { payload?: PlanItem }) =>
        payload && (
          <span className={classes.post}>
            <PlatformIcon platform={payload.platform} size={16} />
            <span>
              {payload.time.slice(0, 5)}{" "}
              <VisuallyHidden>{platformName(payload.platform)}: </VisuallyHidden>
              {payload.hook}
            </span>
          </span>
        )
      }
      classNames={{ monthView: classes.calendar, monthViewDay: classes.day, viewSelect: classes.views }}
    />
  );
}

/** On a phone the posts of one day stand below the month. */
function NarrowMonth({ date, onDateChange, ...props }: MonthProps) {
  const days = props.events.map(({ payload }) => payload.date).sort();
  const firstSince = (moment: string) => days.find((each) => each >= moment) ?? moment;
  const [day, setDay] = useState<string | null>(firstSince(date));
  const go = (months: number) => {
    const month = monthAfter(date, months);
    onDateChange(month);
    setDay(firstSince(month));
  };
  return (
    <MobileMonthView
      {...props}
      date={date}
      selectedDate={day}
      onSelectedDateChange={setDay}
      // What may be pressed may not be “selected”, as the view has it.
      getDayProps={(each) => ({ "aria-selected": undefined, "aria-pressed": each === day })}
      consistentWeeks={false}
      renderHeader={() => (
        <Group justify="space-between" w="100%">
          <Step label="The month before" icon={ChevronLeft} onClick={() => go(-1)} />
          <Text fw={600}>{monthName(date)}</Text>
          <Step label="The next month" icon={ChevronRight} onClick={() => go(1)} />
        </Group>
      )}
      classNames={{
        mobileMonthView: classes.calendar,
        mobileMonthViewDay: classes.narrowDay,
        mobileMonthViewWeekday: classes.weekday,
        mobileMonthViewEventTime: classes.time,
      }}
    />
  );
}

interface StepProps {
  label: string;
  icon: LucideIcon;
  onClick: () => void;
}

function Step({ label, icon: Icon, onClick }: StepProps) {
  return (
    <ActionIcon variant="default" size="lg" aria-label={label} onClick={onClick}>
      <Icon size={18} />
    </ActionIcon>
  );
}

const firstOf = (date: string) => new Date(`${date.slice(0, 7)}-01T00:00:00Z`);

function monthAfter(date: string, months: number): string {
  const first = firstOf(date);
  first.setUTCMonth(first.getUTCMonth() + months);
  return first.toISOString().slice(0, 10);
}

const monthName = (date: string) =>
  firstOf(date).toLocaleDateString(navigator.language, {
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
