import { Anchor, Button, Card, Group, Progress, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CalendarCheck, CalendarClock, CircleAlert } from "lucide-react";
import { Link } from "wouter";

import { client, take } from "../api/client";
import { useChange } from "../api/queries";
import type { JobState } from "./messages";

const ENDED = new Set(["completed", "failed", "cancelled"]);

/** Work in the background that an answer has begun: how far it is, and what came of it. */
export function JobCard({ job: told }: { job: JobState }) {
  const hasEnded = told.status === null || ENDED.has(told.status);
  const asked = useQuery({
    queryKey: ["jobs", told.job_id],
    queryFn: () =>
      take(client.GET("/api/jobs/{job_id}", { params: { path: { job_id: told.job_id } } })),
    enabled: !hasEnded,
  });
  const job = asked.data ? { ...told, ...stateOf(asked.data) } : told;
  const isRunning = job.status === "queued" || job.status === "running";
  const cancel = useChange(
    () =>
      take(
        client.POST("/api/jobs/{job_id}/cancel", { params: { path: { job_id: told.job_id } } }),
      ),
    { keys: ["jobs"] },
  );
  const Icon = isRunning ? CalendarClock : job.status === "completed" ? CalendarCheck : CircleAlert;
  return (
    <Card withBorder padding="md" role="group" aria-label={job.title}>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <Icon size={20} aria-hidden style={{ flexShrink: 0, marginTop: 2 }} />
        <Stack gap={8} flex={1} miw={0}>
          <Text size="sm" fw={600}>
            {job.title}
          </Text>
          {isRunning && <Progress value={job.progress ?? 0} aria-label={`Progress: ${job.title}`} />}
          <Text size="sm" c="dimmed" role="status">
            {sentenceOf(job)}
          </Text>
          {isRunning && (
            <Button
              size="compact-sm"
              variant="default"
              style={{ alignSelf: "flex-start" }}
              loading={cancel.isPending}
              onClick={() => cancel.mutate(undefined)}
            >
              Cancel
            </Button>
          )}
          {job.plan_id && (
            <Anchor component={Link} href={`/plans/${job.plan_id}`} size="sm" underline="always">
              Open the plan
            </Anchor>
          )}
        </Stack>
      </Group>
    </Card>
  );
}

interface Asked {
  status: NonNullable<JobState["status"]>;
  progress: number;
  message: string | null;
  error: string | null;
  result: Record<string, unknown> | null;
}

function stateOf({ status, progress, message, error, result }: Asked) {
  const plan_id = typeof result?.plan_id === "string" ? result.plan_id : null;
  return { status, progress, message: status === "failed" ? error : message, plan_id };
}

function sentenceOf({ status, message, progress }: JobState): string {
  switch (status) {
    case "queued":
      return "It begins in a moment.";
    case "running":
      return `${message ?? "Working"} · ${progress ?? 0}%`;
    case "completed":
      return "Done.";
    case "cancelled":
      return "Cancelled.";
    case "failed":
      return message ?? "It failed.";
    case null:
      return "How it went is not kept any more.";
  }
}
