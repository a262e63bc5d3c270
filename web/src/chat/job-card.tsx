import { Card, Text } from "@mantine/core";

import type { JobState } from "./messages";

/** Work in the background that an answer has begun. */
export function JobCard({ job }: { job: JobState }) {
  return (
    <Card withBorder padding="sm">
      <Text size="sm">Job {job.id}</Text>
    </Card>
  );
}
