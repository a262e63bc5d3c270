import { ActionIcon, Badge, Button, Card, Group, Progress, Stack, Text, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { MessageCircleQuestion, Trash2 } from "lucide-react";

import { client, take, type Schema } from "../api/client";
import { goalsQuery } from "../api/queries";
import { useAsk } from "../chat/use-ask";
import { formatCount, formatDay, formatSigned } from "../format";
import { removeLater, useGone } from "../removal";
import { Section } from "./section";

type Goal = Schema["GoalOut"];

export function Goals() {
  const goals = useQuery(goalsQuery);
  const ask = useAsk();
  const gone = useGone();
  return (
    <Section title="Goals" query={goals}>
      {({ items }) =>
        items.every(({ id }) => gone.has(id)) ? (
          <Stack gap="xs" align="flex-start">
            <Text size="sm" c="dimmed">
              No goal yet. The goal tracker helps you to set one that fits your pace.
            </Text>
            <Button
              size="compact-sm"
              variant="light"
              onClick={() =>
                ask({ text: "Which goal would fit my pace?", agent: "goal_tracker" })
              }
            >
              Find a goal
            </Button>
          </Stack>
        ) : (
          <Stack gap="sm">
            {items
              .filter(({ id }) => !gone.has(id))
              .map((goal) => (
                <GoalCard key={goal.id} goal={goal} />
              ))}
          </Stack>
        )
      }
    </Section>
  );
}

function GoalCard({ goal }: { goal: Goal }) {
  const ask = useAsk();
  const { percent, current, is_on_track, pace, needed_pace, expected_on } = goal.progress;
  return (
    <Card withBorder padding="sm" component="article" aria-label={goal.title}>
      <Stack gap={8}>
        <Group justify="space-between" wrap="nowrap" align="flex-start" gap="xs">
          <Text size="sm" fw={600}>
            {goal.title}
          </Text>
          {is_on_track !== null && (
            <Badge variant="dot" tt="none" color={is_on_track ? "teal" : "orange"} style={{ flexShrink: 0 }}>
              {is_on_track ? "On track" : "Behind"}
            </Badge>
          )}
        </Group>
        <Progress
          value={Math.max(0, Math.min(100, percent ?? 0))}
          color={is_on_track === false ? "orange" : "violet"}
          aria-label={`Progress: ${goal.title}`}
          size="md"
        />
        <Group justify="space-between" gap={4}>
          <Text size="xs">
            {formatCount(current)} of {formatCount(goal.target_value)}
          </Text>
          <Text size="xs" c="dimmed">
            {goal.due_date ? `due ${formatDay(goal.due_date, "long")}` : "no due date"}
          </Text>
        </Group>
        <Text size="xs" c="dimmed">
          {pace === null ? "Its pace is not known yet." : `${formatSigned(pace)} a day`}
          {pace !== null && needed_pace !== null && `, needs ${formatSigned(needed_pace)}`}
          {expected_on && ` · at this pace on ${formatDay(expected_on, "long")}`}
        </Text>
        <Group justify="space-between" gap={4}>
          <Button
            size="compact-sm"
            variant="subtle"
            ml={-8}
            leftSection={<MessageCircleQuestion size={15} aria-hidden />}
            onClick={() =>
              ask({ text: `Am I on track for my goal “${goal.title}”?`, agent: "goal_tracker" })
            }
          >
            Ask about this
          </Button>
          <Tooltip label="Delete">
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Delete: ${goal.title}`}
              onClick={() => deleteGoal(goal)}
            >
              <Trash2 size={15} />
            </ActionIcon>
          </Tooltip>
        </Group>
      </Stack>
    </Card>
  );
}

function deleteGoal({ id, title }: Goal) {
  const params = { params: { path: { goal_id: id } }, keepalive: true };
  removeLater({
    id,
    message: `“${title}” is deleted.`,
    keys: ["goals", "suggestions"],
    remove: () => take(client.DELETE("/api/goals/{goal_id}", params)),
  });
}
