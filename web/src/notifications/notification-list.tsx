import { ActionIcon, Anchor, Button, Card, Group, Skeleton, Stack, Text, Tooltip } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Check, X } from "lucide-react";
import { Link } from "wouter";

import { client, sentenceOf, take } from "../api/client";
import { ShowMore } from "../api/pages";
import { useChange } from "../api/queries";
import { formatMoment } from "../format";
import { useUser } from "../session/session";
import { notificationsQuery, type Notification } from "./queries";

const KEYS = { keys: ["notifications"] };

export function NotificationList() {
  const list = useInfiniteQuery(notificationsQuery);
  const readAll = useChange(() => take(client.POST("/api/notifications/read")), KEYS);
  if (list.isError) {
    return (
      <Stack align="flex-start" role="alert">
        <Text size="sm">{sentenceOf(list.error)}</Text>
        <Button size="compact-sm" variant="default" onClick={() => void list.refetch()}>
          Try again
        </Button>
      </Stack>
    );
  }
  if (!list.data) return <Skeleton h={160} aria-label="Loading" />;
  const { items } = list.data;
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Anchor component={Link} href="/settings/notifications" size="sm" underline="always">
          What you are told
        </Anchor>
        <Button
          size="compact-sm"
          variant="subtle"
          disabled={items.every(({ is_read }) => is_read)}
          loading={readAll.isPending}
          onClick={() => readAll.mutate(undefined)}
        >
          Mark all as read
        </Button>
      </Group>
      {items.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing new. When a plan is ready or a goal is reached, you read it here.
        </Text>
      )}
      {items.map((notification) => (
        <Entry key={notification.id} notification={notification} />
      ))}
      <ShowMore list={list} />
    </Stack>
  );
}

function Entry({ notification }: { notification: Notification }) {
  const { timezone } = useUser();
  const { id, title, message, job_id, is_read, created_at } = notification;
  const params = { params: { path: { notification_id: id } } };
  const read = useChange(
    () => take(client.POST("/api/notifications/{notification_id}/read", params)),
    KEYS,
  );
  const dismiss = useChange(
    () => take(client.POST("/api/notifications/{notification_id}/dismiss", params)),
    KEYS,
  );
  return (
    <Card withBorder padding="sm" component="article" aria-label={title}>
      <Group justify="space-between" wrap="nowrap" align="flex-start" gap="xs">
        <Stack gap={2} miw={0}>
          <Text size="sm" fw={is_read ? 500 : 700}>
            {title}
            {!is_read && (
              <Text span size="xs" c="dimmed">
                {" · new"}
              </Text>
            )}
          </Text>
          <Text size="sm">{message}</Text>
          <Text size="xs" c="dimmed">
            {formatMoment(created_at, timezone)}
          </Text>
          {job_id && (
            <Anchor
              component={Link}
              href={`/jobs/${job_id}`}
              size="sm"
              underline="always"
              onClick={() => !is_read && read.mutate(undefined)}
            >
              Open
            </Anchor>
          )}
        </Stack>
        <Group gap={2} wrap="nowrap">
          {!is_read && (
            <Tooltip label="Mark as read">
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Mark as read: ${title}`}
                loading={read.isPending}
                onClick={() => read.mutate(undefined)}
              >
                <Check size={16} />
              </ActionIcon>
            </Tooltip>
          )}
          <Tooltip label="Dismiss">
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Dismiss: ${title}`}
              loading={dismiss.isPending}
              onClick={() => dismiss.mutate(undefined)}
            >
              <X size={16} />
            </ActionIcon>
          </Tooltip>
        </Group>
      </Group>
    </Card>
  );
}
