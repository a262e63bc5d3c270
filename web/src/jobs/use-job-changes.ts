import { client, take } from "../api/client";
import { useChange } from "../api/queries";

/** Cancel a job, or try it again. */
export function useJobChanges(id: string) {
  const params = { params: { path: { job_id: id } } };
  const keys = ["jobs", "limits"];
  const cancel = useChange(() => take(client.POST("/api/jobs/{job_id}/cancel", params)), { keys });
  const retry = useChange(() => take(client.POST("/api/jobs/{job_id}/retry", params)), { keys });
  return { cancel, retry };
}
