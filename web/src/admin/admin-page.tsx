import { Alert, Badge, Button, Container, Group, Paper, Radio, SimpleGrid, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { client, sentenceOf, take, type Schema } from "../api/client";
import { pagesOf, ShowMore } from "../api/pages";
import { useChange } from "../api/queries";
import { formatCount, formatMoment } from "../format";
import { JobStatus } from "../jobs/job-status";
import { useUser } from "../session/session";
import { NotFound } from "../shell/not-found";
import classes from "./admin.module.css";

type Job = Schema["AdminJobSummaryOut"];
type Status = Job["status"];

const STATUSES: Status[] = ["failed", "running", "queued", "completed", "cancelled"];
const NONE: Record<Status, string> = {
  failed: "No job has failed.",
  running: "No job is running.",
  queued: "No job is waiting.",
  completed: "No job is done yet.",
  cancelled: "No job was cancelled.",
};

/** Everybody's jobs, for those who run the suite. */
export function AdminPage() {
  return useUser().role === "admin" ? <Jobs /> : <NotFound />;
}

const countsQuery = {
  queryKey: ["jobs", "admin", "counts"],
  queryFn: () => take(client.GET("/api/admin/jobs/counts")),
};

const jobsIn = (status: Status) =>
  pagesOf(["jobs", "admin", status], (cursor) =>
    take(client.GET("/api/admin/jobs", { params: { query: { status: [status], limit: 20, cursor } } })),
  );

function Jobs() {
  const [status, setStatus] = useState<Status>("failed");
  const counts = useQuery(countsQuery);
  const jobs = useInfiniteQuery(jobsIn(status));
  const error = counts.error ?? jobs.error;
  return (
    <Container size="lg" py="lg">
      <Stack gap="lg">
        <Group justify="space-between" align="baseline">
          <Title order={1} size="h2">
            Everybody’s jobs
          </Title>
          <Text size="sm" c="dimmed" mih={22}>
            {counts.data && sentenceOfQueue(counts.data)}
          </Text>
        </Group>
        {error && (
          <Alert color="red" role="alert" title="It could not be loaded">
            {sentenceOf(error)}
          </Alert>
        )}
        <Radio.Group
          aria-label="Show"
          value={status}
          onChange={(name) => setStatus(name as Status)}
        >
          <SimpleGrid cols={{ base: 2, xs: 3, sm: 5 }} spacing="sm">
            {STATUSES.map((name) => (
              <Radio.Card key={name} value={name} p="sm" className={classes.status}>
                <JobStatus status={name} />
                <Text fz={24} fw={650}>
                  {counts.data ? formatCount(countOf(counts.data, name)) : "…"}
                </Text>
              </Radio.Card>
            ))}
          </SimpleGrid>
        </Radio.Group>
        {jobs.data ? (
          <Stack gap="sm">
            {jobs.data.items.length === 0 && <Text c="dimmed">{NONE[status]}</Text>}
            {jobs.data.items.map((job) => (
              <Entry key={job.id} job={job} />
            ))}
            <ShowMore list={jobs} />
          </Stack>
        ) : (
          !jobs.isError && <Skeleton h={160} />
        )}
      </Stack>
    </Container>
  );
}

type Counts = Schema["JobCountsOut"];

const countOf = ({ counts }: Counts, wanted: Status) =>
  counts.filter(({ status }) => status === wanted).reduce((sum, { count }) => sum + count, 0);

function sentenceOfQueue({ workers, wait_seconds }: Counts) {
  const hands = workers === 0 ? "No worker is there" : workers === 1 ? "1 worker" : `${workers} workers`;
  const waiting = wait_seconds < 1 ? "nothing waits" : `the oldest task waits for ${formatCount(wait_seconds)} s`;
  return `${hands}, ${waiting}`;
}

function Entry({ job }: { job: Job }) {
  const { timezone } = useUser();
  const [isOpen, setIsOpen] = useState(false);
  const params = { params: { path: { job_id: job.id } } };
  const detail = useQuery({
    queryKey: ["jobs", "admin", job.id],
    queryFn: () => take(client.GET("/api/admin/jobs/{job_id}", params)),
    enabled: isOpen,
  });
  const retry = useChange(() => take(client.POST("/api/admin/jobs/{job_id}/retry", params)), {
    keys: ["jobs"],
  });
  return (
    <Paper withBorder p="md" component="article" aria-label={`${job.title} ${job.id}`} bg="var(--suite-raised)">
      <Stack gap="xs">
        <Group justify="space-between">
          <Group gap="xs">
            <Text fw={600}>{job.title}</Text>
            <JobStatus status={job.status} />
            {job.error_code && (
              <Badge variant="default" tt="none">
                {job.error_code}
              </Badge>
            )}
          </Group>
          <Group gap="xs">
            <Button
              size="compact-sm"
              variant="default"
              aria-expanded={isOpen}
              onClick={() => setIsOpen(!isOpen)}
            >
              Details
            </Button>
            {(job.status === "failed" || job.status === "cancelled") && (
              <Button size="compact-sm" loading={retry.isPending} onClick={() => retry.mutate(undefined)}>
                Try again
              </Button>
            )}
          </Group>
        </Group>
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {formatMoment(job.created_at, timezone)} · user {job.user_id}
        </Text>
        {job.error && <Text size="sm">{job.error}</Text>}
        {isOpen && <Attempts attempts={detail.data?.attempts} error={detail.error} />}
      </Stack>
    </Paper>
  );
}

interface AttemptsProps {
  attempts?: Schema["AdminJobOut"]["attempts"];
  error: Error | null;
}

function Attempts({ attempts, error }: AttemptsProps) {
  const { timezone } = useUser();
  if (error) return <Text role="alert">{sentenceOf(error)}</Text>;
  if (!attempts) return <Skeleton h={60} />;
  if (attempts.length === 0) return <Text size="sm">Nobody has begun it.</Text>;
  return (
    <Stack component="section" gap={6} aria-label="Attempts" className={classes.attempts}>
      {attempts.map(({ number, status, started_at, worker, error: failure }) => (
        <div key={number}>
          <Text size="sm">
            Attempt {number}: {failure ?? status}
          </Text>
          <Text size="xs" c="dimmed">
            {formatMoment(started_at, timezone)} · {worker}
          </Text>
        </div>
      ))}
    </Stack>
  );
}
