import { queryOptions } from "@tanstack/react-query";

import { client, take, type Schema } from "../api/client";
import { pagesOf } from "../api/pages";

export type JobSummary = Schema["JobSummaryOut"];
export type Job = Schema["JobOut"];

export const jobsQuery = pagesOf(["jobs", "mine"], (cursor) =>
  take(client.GET("/api/jobs", { params: { query: { limit: 10, cursor } } })),
);

export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ["jobs", id],
    queryFn: () => take(client.GET("/api/jobs/{job_id}", { params: { path: { job_id: id } } })),
  });

export const isOpen = ({ status }: { status: JobSummary["status"] }) =>
  status === "queued" || status === "running";

/** The plan that came of a job. */
export function planOf({ result }: Job): string | null {
  return typeof result?.plan_id === "string" ? result.plan_id : null;
}
