import { Select, SegmentedControl, Switch } from "@mantine/core";
import { DatePickerInput } from "@mantine/dates";
import { useQuery } from "@tanstack/react-query";
import dayjs from "dayjs";
import { CalendarRange } from "lucide-react";
import { useState } from "react";

import "@mantine/dates/styles.css";

import { connectionsQuery } from "../api/queries";
import { platformName } from "../panels/platform-icons";
import classes from "./analytics.module.css";
import { PRESETS, useToday, type Asked } from "./asked";

const ALL = "all";
const DAY_FORMAT = "D MMM YYYY";

const writeDay = (day: string | null) => (day ? dayjs(day).format(DAY_FORMAT) : "");

interface FiltersProps {
  asked: Asked;
  /** The days back from yesterday; null where days were picked. */
  preset: string | null;
  onChange: (changes: Record<string, string | null>) => void;
}

export function Filters({ asked, preset, onChange }: FiltersProps) {
  const today = useToday();
  const connections = useQuery(connectionsQuery);
  const platforms = [...new Set(connections.data?.items.map(({ platform }) => platform))];
  // While the second day is not picked yet, the page stays with its days.
  const [picked, setPicked] = useState<[string | null, string | null] | null>(null);
  const shown: [string | null, string | null] = picked ?? [asked.start, asked.end];
  const pick = (days: [string | null, string | null]) => {
    const [from, to] = days;
    setPicked(from && !to ? days : null);
    if (from && to) onChange({ from, to, days: null });
  };
  return (
    <div className={classes.filters} role="group" aria-label="What the charts show">
      <SegmentedControl
        size="xs"
        aria-label="Period"
        value={preset ?? ""}
        onChange={(days) => onChange({ days, from: null, to: null })}
        data={[...PRESETS]}
      />
      <DatePickerInput
        size="xs"
        type="range"
        aria-label={`Pick the days: ${shown.map(writeDay).join(" – ")}`}
        leftSection={<CalendarRange size={15} aria-hidden />}
        value={shown}
        onChange={pick}
        allowSingleDateInRange
        maxDate={today}
        valueFormat={DAY_FORMAT}
        popoverProps={{ returnFocus: true }}
        w={210}
      />
      <Select
        size="xs"
        aria-label="Platform"
        w={150}
        allowDeselect={false}
        value={asked.platform ?? ALL}
        onChange={(name) => onChange({ platform: name === ALL ? null : name })}
        data={[
          { value: ALL, label: "All platforms" },
          ...platforms.map((name) => ({ value: name, label: platformName(name) })),
        ]}
      />
      <Switch
        size="sm"
        label="Compare with the time before"
        checked={asked.compare !== undefined}
        onChange={({ currentTarget }) => onChange({ compare: currentTarget.checked ? "1" : null })}
      />
    </div>
  );
}
