import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useLocation } from "wouter";

import { ApiProblem, client, take, type Schema } from "../api/client";
import { queryClient } from "../api/queries";
import type { Plan } from "./queries";

export type PlanChange = Partial<Pick<Plan, "title" | "goals" | "pillars" | "weeks" | "items" | "metrics" | "routine" | "notes">>;

/** Change a plan: it gets a new version, and the page shows that one. */
export function usePlanChange(id: string, onDone?: (plan: Plan) => void) {
  const [, navigate] = useLocation();
  return useMutation({
    mutationFn: (change: PlanChange) =>
      take(
        client.PATCH("/api/plans/{plan_id}", { params: { path: { plan_id: id } }, body: change }),
      ) as Promise<Schema["PlanOut"]>,
    onSuccess: (plan) => {
      queryClient.setQueryData(["plan", plan.id], plan);
      navigate(`/plans/${plan.id}`, { replace: true });
      notifications.show({ message: `Saved as version ${plan.version}.` });
      onDone?.(plan);
    },
    onError: (error) => {
      if (error instanceof ApiProblem && error.code === "plan_changed") {
        void queryClient.invalidateQueries({ queryKey: ["plan"] });
      }
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["plans"] }),
  });
}
