import { Badge, Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { Pencil } from "lucide-react";

import { formatDay, formatFigure } from "../format";
import { PlatformIcon, platformName } from "../panels/platform-icons";
import type { Edited } from "./item-editor";
import type { Plan, PlanItem } from "./queries";

interface PlanItemsProps {
  plan: Plan;
  onOpen: (edited: Edited) => void;
}

/** All posts by week, with their drafts, and why they are there. */
export function PlanItems({ plan, onOpen }: PlanItemsProps) {
  const items = (plan.items ?? []).map((item, at) => ({ item, at }));
  const days = [...new Set(items.map(({ item }) => item.date))].sort();
  if (items.length === 0) return <Text c="dimmed">It has no posts. Add one.</Text>;
  return (
    <Stack>
      {days.map((day) => (
        <Stack key={day} gap="xs" component="section" aria-label={weekdayOf(day)}>
          <Title order={2} size="sm">
            {weekdayOf(day)}
          </Title>
          {items
            .filter(({ item }) => item.date === day)
            .map(({ item, at }) => (
              <Post key={at} item={item} plan={plan} onOpen={() => onOpen(at)} />
            ))}
        </Stack>
      ))}
    </Stack>
  );
}

function weekdayOf(day: string): string {
  const name = new Date(`${day}T00:00:00Z`).toLocaleDateString(navigator.language, {
    weekday: "long",
    timeZone: "UTC",
  });
  return `${name}, ${formatDay(day, "long")}`;
}

function Post({ item, plan, onOpen }: { item: PlanItem; plan: Plan; onOpen: () => void }) {
  const figure = plan.figures?.find(({ id }) => id === item.figure);
  const isNewest = plan.id === plan.newest_id;
  return (
    <Card withBorder padding="md" component="article" aria-label={item.hook}>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <PlatformIcon platform={item.platform} />
        <Stack gap={6} flex={1} miw={0}>
          <Group justify="space-between" gap="xs">
            <Text size="sm" c="dimmed">
              {item.time.slice(0, 5)} · {platformName(item.platform)} · {item.format}
            </Text>
            {item.pillar && (
              <Badge variant="default" tt="none" fw={400}>
                {item.pillar}
              </Badge>
            )}
          </Group>
          <Text fw={600}>{item.hook}</Text>
          <Text size="sm" style={{ whiteSpace: "pre-line" }}>
            {item.caption}
          </Text>
          <Text size="sm">{item.call_to_action}</Text>
          <Text size="xs" c="dimmed">
            Why: {item.why}
            {figure
              ? ` (${figure.label}: ${formatFigure(figure)})`
              : item.no_figure_reason
                ? ` ${item.no_figure_reason}`
                : ""}
          </Text>
          <Button
            size="compact-sm"
            variant="subtle"
            ml={-8}
            style={{ alignSelf: "flex-start" }}
            leftSection={isNewest && <Pencil size={14} aria-hidden />}
            aria-label={`${isNewest ? "Edit" : "Show"}: ${item.hook}`}
            onClick={onOpen}
          >
            {isNewest ? "Edit" : "Show"}
          </Button>
        </Stack>
      </Group>
    </Card>
  );
}
