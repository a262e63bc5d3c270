import { Badge } from "@mantine/core";

import type { JobSummary } from "./queries";

const LOOKS = {
  queued: ["gray", "Waiting"],
  running: ["violet", "Running"],
  completed: ["teal", "Done"],
  failed: ["red", "Failed"],
  cancelled: ["gray", "Cancelled"],
} satisfies Record<JobSummary["status"], [string, string]>;

export function JobStatus({ status }: { status: JobSummary["status"] }) {
  const [color, label] = LOOKS[status];
  return (
    <Badge variant="dot" color={color} tt="none" style={{ flexShrink: 0 }}>
      {label}
    </Badge>
  );
}
