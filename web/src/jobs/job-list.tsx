import { Anchor, Button, Card, Group, Progress, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "wouter";

import { ShowMore } from "../api/pages";
import { formatMoment } from "../format";
import { Section } from "../panels/section";
import { useUser } from "../session/session";
import { JobStatus } from "./job-status";
import { isOpen, jobsQuery, type JobSummary } from "./queries";
import { useJobChanges } from "./use-job-changes";

/** What runs in the background for the creator, and what ran. */
export function JobList() {
  const jobs = useInfiniteQuery(jobsQuery);
  return (
    <Section title="Jobs" query={jobs} rows={3}>
      {({ items }) =>
        items.length === 0 ? (
          <Text size="sm" c="dimmed">
            Nothing has run yet. A plan that you ask for is made here, in the background.
          </Text>
        ) : (
          <Stack gap="sm">
            {items.map((job) => (
              <JobCard key={job.id} job={job} />
            ))}
            <ShowMore list={jobs} />
          </Stack>
        )
      }
    </Section>
  );
}

function JobCard({ job }: { job: JobSummary }) {
  const { timezone } = useUser();
  return (
    <Card withBorder padding="sm" component="article" aria-label={`${job.title}, ${job.status}`}>
      <Stack gap={6}>
        <Group justify="space-between" wrap="nowrap" gap="xs">
          <Anchor component={Link} href={`/jobs/${job.id}`} size="sm" fw={600} underline="always">
            {job.title}
          </Anchor>
          <JobStatus status={job.status} />
        </Group>
        {isOpen(job) && <Progress value={job.progress} aria-label={`Progress: ${job.title}`} />}
        <Text size="xs" c="dimmed">
          {isOpen(job) && job.message ? `${job.message} · ` : ""}
          {formatMoment(job.created_at, timezone)}
        </Text>
        {job.status === "failed" && <Text size="sm">{job.error}</Text>}
        <JobActions job={job} />
      </Stack>
    </Card>
  );
}

/** What can be done with a job as it stands. */
export function JobActions({ job }: { job: JobSummary }) {
  const { cancel, retry } = useJobChanges(job.id);
  if (isOpen(job)) {
    return (
      <Button
        size="compact-sm"
        variant="default"
        style={{ alignSelf: "flex-start" }}
        loading={cancel.isPending}
        onClick={() => cancel.mutate(undefined)}
      >
        Cancel
      </Button>
    );
  }
  if (job.status === "completed") return null;
  return (
    <Button
      size="compact-sm"
      variant="default"
      style={{ alignSelf: "flex-start" }}
      loading={retry.isPending}
      onClick={() => retry.mutate(undefined)}
    >
      Try again
    </Button>
  );
}
