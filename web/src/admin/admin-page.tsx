import { Alert, Badge, Button, Container, Group, Paper, Select, SimpleGrid, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { client, sentenceOf, take, type Schema } from "../api/client";
import { useChange } from "../api/queries";
import { formatCount, formatMoment } from "../format";
import { JobStatus } from "../jobs/job-status";
import { useUser } from "../session/session";
import { NotFound } from "../shell/not-found";

type Job = Schema["AdminJobSummaryOut"];
type Status = Job["status"];

const STATUSES: Status[] = ["failed", "running", "queued", "completed", "cancelled"];

/** Everybody's jobs, for those who run the suite. */
export function AdminPage() {
  return useUser().role === "admin" ? <Jobs /> : <NotFound />;
}

function Jobs() {
  const [status, setStatus] = useState<Status>("failed");
  const counts = useQuery({
    queryKey: ["jobs", "admin", "counts"],
    queryFn: () => take(client.GET("/api/admin/jobs/counts")),
  });
  const jobs = useQuery({
    queryKey: ["jobs", "admin", status],
    queryFn: () =>
      take(client.GET("/api/admin/jobs", { params: { query: { status: [status], limit: 50 } } })),
  });
  const countOf = (wanted: Status) =>
    counts.data?.counts
      .filter((each) => each.status === wanted)
      .reduce((sum, { count }) => sum + count, 0);
  const error = counts.error ?? jobs.error;
  return (
    <Container size="lg" py="lg">
      <Stack gap="lg">
        <Group justify="space-between">
          <Title order={1} size="h2">
            Everybody’s jobs
          </Title>
          {counts.data && (
            <Text size="sm" c="dimmed">
              {counts.data.workers === 1 ? "1 worker" : `${counts.data.workers} workers`}, the oldest
              task waits {formatCount(counts.data.wait_seconds)} s
            </Text>
          )}
        </Group>
        {error && (
          <Alert color="red" role="alert" title="It could not be loaded">
            {sentenceOf(error)}
          </Alert>
        )}
        <SimpleGrid cols={{ base: 2, sm: 5 }} spacing="sm">
          {STATUSES.map((name) => (
            <Paper key={name} withBorder p="sm" bg="var(--suite-raised)">
              <JobStatus status={name} />
              <Text fz={24} fw={650}>
                {counts.data ? formatCount(countOf(name) ?? 0) : "…"}
              </Text>
            </Paper>
          ))}
        </SimpleGrid>
        <Select
          label="Show"
          w={180}
          allowDeselect={false}
          value={status}
          onChange={(name) => name && setStatus(name as Status)}
          data={STATUSES}
        />
        {jobs.data ? (
          jobs.data.items.length === 0 ? (
            <Text c="dimmed">No job is {status}.</Text>
          ) : (
            jobs.data.items.map((job) => <Entry key={job.id} job={job} />)
          )
        ) : (
          <Skeleton h={160} />
        )}
      </Stack>
    </Container>
  );
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
    <Table.ScrollContainer
      minWidth={480}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, role: "region", "aria-label": "Attempts" } }}
    >
      <Table fz="sm" verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Attempt</Table.Th>
            <Table.Th>Began</Table.Th>
            <Table.Th>Worker</Table.Th>
            <Table.Th>How it went</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {attempts.map(({ number, status, started_at, worker, error: failure }) => (
            <Table.Tr key={number}>
              <Table.Td>{number}</Table.Td>
              <Table.Td>{formatMoment(started_at, timezone)}</Table.Td>
              <Table.Td>{worker}</Table.Td>
              <Table.Td>{failure ?? status}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
