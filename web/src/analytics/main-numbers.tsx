import { Group, Paper, SimpleGrid, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp } from "lucide-react";

import { capitalized, formatChange, formatCompact, formatCount } from "../format";
import classes from "./analytics.module.css";
import { numbersQuery, type Asked } from "./asked";
import { changeText, findMetric, type MetricNumbers, type Place } from "./places";

const SHOWN = ["followers", "engagement", "reach", "views", "posts"] as const;
const COLS = { base: 2, sm: 3, lg: SHOWN.length };
const HEIGHT = 112;

/** What stands above the charts; an error is told by them. */
export function MainNumbers({ asked }: { asked: Asked }) {
  const numbers = useQuery(numbersQuery(asked));
  if (numbers.isError && !numbers.data) return null;
  return (
    <SimpleGrid cols={COLS} spacing="sm" component="section" aria-label="Main numbers">
      {SHOWN.map((name) => {
        const metric = numbers.data && findMetric(numbers.data, name);
        return metric ? <MainNumber key={name} metric={metric} /> : <Skeleton key={name} h={HEIGHT} />;
      })}
    </SimpleGrid>
  );
}

function MainNumber({ metric }: { metric: MetricNumbers }) {
  const place = metric.total;
  const value = place?.value.value ?? null;
  const status = place?.value.status;
  return (
    <Paper withBorder p="sm" mih={HEIGHT} className={classes.number}>
      <Text size="xs" c="dimmed">
        {capitalized(metric.label)}
      </Text>
      {value === null ? (
        <Text size="sm" mt={6}>
          {metric.is_unique && metric.platforms.length > 1
            ? "No sum: pick a platform"
            : "Not known"}
        </Text>
      ) : (
        <Text fz={26} fw={650} lh={1.3} title={formatCount(value)}>
          {value < 100_000 ? formatCount(value) : formatCompact(value)}
        </Text>
      )}
      {place && value !== null && <Change place={place} />}
      {(status === "preliminary" || status === "partial") && (
        <Text size="xs" c="dimmed">
          {status === "partial" ? "Some days are not known" : "Still being counted"}
        </Text>
      )}
    </Paper>
  );
}

function Change({ place }: { place: Place }) {
  const compared = place.compared_level ?? place.compared;
  const percent = (compared?.percent ?? place.growth?.percent)?.value;
  if (typeof percent !== "number") return null;
  const isUp = percent > 0;
  const Icon = isUp ? ArrowUp : ArrowDown;
  const color = percent === 0 ? "gray" : isUp ? "teal" : "red";
  return (
    <Group
      gap={3}
      wrap="nowrap"
      align="flex-start"
      c={`light-dark(var(--mantine-color-${color}-9), var(--mantine-color-${color}-4))`}
    >
      {percent !== 0 && <Icon size={14} aria-hidden style={{ flexShrink: 0, marginTop: 2 }} />}
      <Text size="xs">
        {changeText(compared) ?? `${formatChange(percent)} in this time`}
      </Text>
    </Group>
  );
}
