import { Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "wouter";

import { sentenceOf } from "../api/client";
import { formatMoment } from "../format";
import { versionsQuery, type Plan } from "./queries";

/** What a plan was before; each version stays as it was. */
export function Versions({ plan, onChosen }: { plan: Plan; onChosen: () => void }) {
  const versions = useQuery(versionsQuery(plan.id));
  const [, navigate] = useLocation();
  if (versions.isError) return <Text role="alert">{sentenceOf(versions.error)}</Text>;
  if (!versions.data) return <Skeleton h={120} />;
  return (
    <Stack gap="xs">
      {versions.data.items.map(({ id, version, created_at, posts }) => (
        <Group key={id} justify="space-between" wrap="nowrap">
          <div>
            <Text size="sm" fw={600}>
              Version {version}
            </Text>
            <Text size="xs" c="dimmed">
              {formatMoment(created_at, plan.timezone)} · {posts} posts
            </Text>
          </div>
          {id === plan.id ? (
            <Text size="sm" c="dimmed">
              You see this one
            </Text>
          ) : (
            <Button
              size="compact-sm"
              variant="default"
              aria-label={`Show version ${version}`}
              onClick={() => {
                onChosen();
                navigate(`/plans/${id}`);
              }}
            >
              Show
            </Button>
          )}
        </Group>
      ))}
    </Stack>
  );
}
