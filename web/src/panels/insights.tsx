import { ActionIcon, Button, Card, Group, List, Stack, Text, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Check, CircleAlert, Info, MessageCircleQuestion, TriangleAlert, X } from "lucide-react";

import { client, take, type Schema } from "../api/client";
import { insightsQuery, useChange } from "../api/queries";
import { useAsk } from "../chat/use-ask";
import { Section } from "./section";

type Insight = Schema["InsightOut"];

/** What the suite found in the creator's numbers by itself. */
export function Insights() {
  const insights = useQuery(insightsQuery);
  return (
    <Section title="Today’s insights" query={insights} rows={3}>
      {({ items }) =>
        items.length === 0 ? (
          <Text size="sm" c="dimmed">
            Nothing stands out today. Ask in the chat whatever you want to know.
          </Text>
        ) : (
          <Stack gap="sm">
            {items.map((insight) => (
              <InsightCard key={insight.id} insight={insight} />
            ))}
          </Stack>
        )
      }
    </Section>
  );
}

const PRIORITIES = {
  urgent: { icon: CircleAlert, color: "red", label: "Urgent" },
  high: { icon: TriangleAlert, color: "orange", label: "Important" },
  medium: { icon: Info, color: "violet", label: "Good to know" },
  low: { icon: Info, color: "gray", label: "Small" },
} satisfies Record<Insight["priority"], unknown>;

function InsightCard({ insight }: { insight: Insight }) {
  const ask = useAsk();
  const params = { params: { path: { insight_id: insight.id } } };
  const keys = ["insights"];
  const reading = useChange(() => take(client.POST("/api/insights/{insight_id}/read", params)), {
    keys,
  });
  const dismissing = useChange(
    () => take(client.POST("/api/insights/{insight_id}/dismiss", params)),
    { keys },
  );
  const { icon: Icon, color, label } = PRIORITIES[insight.priority];
  return (
    <Card withBorder padding="sm" component="article" aria-label={insight.title}>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <Icon
          size={18}
          role="img"
          aria-label={label}
          color={`light-dark(var(--mantine-color-${color}-8), var(--mantine-color-${color}-4))`}
          style={{ flexShrink: 0, marginTop: 2 }}
        />
        <Stack gap={6} miw={0} flex={1}>
          <Text size="sm" fw={insight.is_read ? 500 : 700}>
            {insight.title}
          </Text>
          <Text size="sm" c="dimmed">
            {insight.message}
          </Text>
          {insight.action_items.length > 0 && (
            <List size="sm" spacing={2}>
              {insight.action_items.map(({ text }) => (
                <List.Item key={text}>{text}</List.Item>
              ))}
            </List>
          )}
          <Group gap={4} justify="space-between">
            <Button
              size="compact-sm"
              variant="subtle"
              ml={-8}
              leftSection={<MessageCircleQuestion size={15} aria-hidden />}
              onClick={() => ask({ text: `Tell me more about this: ${insight.title}` })}
            >
              Ask about this
            </Button>
            <Group gap={2}>
              {!insight.is_read && (
                <Tooltip label="Mark as read">
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={`Mark as read: ${insight.title}`}
                    loading={reading.isPending}
                    onClick={() => reading.mutate(undefined)}
                  >
                    <Check size={16} />
                  </ActionIcon>
                </Tooltip>
              )}
              <Tooltip label="Dismiss">
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`Dismiss: ${insight.title}`}
                  loading={dismissing.isPending}
                  onClick={() => dismissing.mutate(undefined)}
                >
                  <X size={16} />
                </ActionIcon>
              </Tooltip>
            </Group>
          </Group>
        </Stack>
      </Group>
    </Card>
  );
}
