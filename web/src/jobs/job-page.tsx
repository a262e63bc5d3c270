import { Alert, Anchor, Button, Container, Paper, Progress, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Link, useLocation, useParams } from "wouter";

import { ApiProblem, sentenceOf } from "../api/client";
import { formatMoment } from "../format";
import { useUser } from "../session/session";
import { NotFound } from "../shell/not-found";
import { JobActions } from "./job-list";
import { JobStatus } from "./job-status";
import { isOpen, jobQuery, planOf, type Job } from "./queries";

/** A job as it goes on; what comes of it opens by itself for whom saw it being made. */
export function JobPage() {
  const { id = "" } = useParams<{ id: string }>();
  const job = useQuery(jobQuery(id));
  useOpenWhenReady(job.data);
  if (job.error instanceof ApiProblem && [404, 422].includes(job.error.status)) return <NotFound />;
  return (
    <Container size="sm" py="lg">
      {job.data ? (
        <Progressing job={job.data} />
      ) : job.isError ? (
        <Alert color="red" role="alert" title="It could not be loaded">
          <Stack gap="xs" align="flex-start">
            {sentenceOf(job.error)}
            <Button variant="default" size="compact-sm" onClick={() => void job.refetch()}>
              Try again
            </Button>
          </Stack>
        </Alert>
      ) : (
        <Skeleton h={220} />
      )}
    </Container>
  );
}

function useOpenWhenReady(job: Job | undefined) {
  const [, navigate] = useLocation();
  const wasOpen = useRef(false);
  useEffect(() => {
    if (!job) return;
    const plan = planOf(job);
    if (isOpen(job)) wasOpen.current = true;
    else if (plan && wasOpen.current) navigate(`/plans/${plan}`, { replace: true });
  }, [job, navigate]);
}

function Progressing({ job }: { job: Job }) {
  const { timezone } = useUser();
  const plan = planOf(job);
  return (
    <Paper withBorder p="lg" component="section" aria-label={job.title} bg="var(--suite-raised)">
      <Stack>
        <JobStatus status={job.status} />
        <div>
          <Title order={1} size="h3">
            {job.title}
          </Title>
          <Text size="sm" c="dimmed">
            {typeof job.input.goal === "string" ? `${job.input.goal} · ` : ""}
            asked for on {formatMoment(job.created_at, timezone)}
          </Text>
        </div>
        {isOpen(job) && (
          <>
            <Progress value={job.progress} size="lg" aria-label={`Progress: ${job.title}`} />
            <Text size="sm" role="status">
              {job.status === "queued" ? "It begins in a moment." : `${job.message ?? "Working"} · ${job.progress}%`}
            </Text>
            <Text size="sm" c="dimmed">
              It goes on without this page. You are told when it is ready.
            </Text>
          </>
        )}
        {job.status === "failed" && (
          <Alert color="red" title="It failed" role="alert">
            <Text size="sm">{job.error ?? "Something went wrong on our side."}</Text>
          </Alert>
        )}
        {job.status === "cancelled" && <Text size="sm">You cancelled it. Nothing came of it.</Text>}
        {plan && (
          <Button component={Link} href={`/plans/${plan}`} style={{ alignSelf: "flex-start" }}>
            Open the plan
          </Button>
        )}
        <JobActions job={job} />
        <Anchor component={Link} href="/plans" size="sm" underline="always">
          All plans and jobs
        </Anchor>
      </Stack>
    </Paper>
  );
}
