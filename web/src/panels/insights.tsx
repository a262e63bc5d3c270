import { ActionIcon, Button, Card, Group, List, Stack, Text, Tooltip } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Check, CircleAlert, Info, MessageCircleQuestion, TriangleAlert, X } from "lucide-react";

import { client, take, type Schema } from "../api/client";
import { ShowMore } from "../api/pages";
import { connectionsQuery, insightsQuery, useChange } from "../api/queries";
import { useToday } from "../analytics/asked";
import { useAsk } from "../chat/use-ask";
import { formatDay } from "../format";
import { isOpen, jobQuery } from "../jobs/queries";
import { removeLater, useGone } from "../removal";
import { Section } from "./section";

type Insight = Schema["InsightOut"];

/** What the suite found in the creator's numbers by itself. */
export function Insights() {
  const insights = useInfiniteQuery(insightsQuery);
  const gone = useGone();
  return (
    <Section title="Insights" query={insights} rows={3}>
      {({ items }) =>
        items.every(({ id }) => gone.has(id)) && !insights.hasNextPage ? (
          <Nothing />
        ) : (
          <Stack gap="sm">
            {items
              .filter(({ id }) => !gone.has(id))
              .map((insight) => (
                <InsightCard key={insight.id} insight={insight} />
              ))}
            <ShowMore list={insights} />
          </Stack>
        )
      }
    </Section>
  );
}

/** Otherwise it is looked every morning. */
function Nothing() {
  const connections = useQuery(connectionsQuery);
  const look = useChange(() => take(client.POST("/api/insights/generate")), {
    keys: ["insights", "limits"],
  });
  const asked = useQuery({ ...jobQuery(look.data?.id ?? ""), enabled: look.isSuccess });
  const job = asked.data ?? look.data;
  if (connections.data?.items.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        What stands out in your numbers is told here, once there are some.
      </Text>
    );
  }
  if (!job) {
    return (
      <Stack gap="xs" align="flex-start">
        <Text size="sm" c="dimmed">
          Nothing new. Every morning, what stands out in your numbers is told here.
        </Text>
        <Button
          size="compact-sm"
          variant="light"
          loading={look.isPending}
          onClick={() => look.mutate(undefined)}
        >
          Look now
        </Button>
      </Stack>
    );
  }
  return (
    <Text size="sm" c="dimmed" role="status">
      {isOpen(job)
        ? "Looking through your numbers …"
        : job.status === "completed"
          ? "All your numbers were looked through: nothing stands out today."
          : (job.error ?? "It did not work. Try again later.")}
    </Text>
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
  const today = useToday();
  const dismiss = () =>
    removeLater({
      id: insight.id,
      message: "The insight is dismissed.",
      keys,
      remove: () =>
        take(client.POST("/api/insights/{insight_id}/dismiss", { ...params, keepalive: true })),
    });
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
          {insight.local_date !== today && (
            <Text size="xs" c="dimmed">
              Of {formatDay(insight.local_date, "long")}
            </Text>
          )}
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
                  onClick={dismiss}
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
