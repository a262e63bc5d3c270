import { queryOptions } from "@tanstack/react-query";

import { client, take, type Schema } from "../api/client";

export type Plan = Schema["PlanOut"];
export type PlanItem = NonNullable<Plan["items"]>[number];
export type PlanSummary = Schema["PlanSummaryOut"];

export const plansQuery = queryOptions({
  queryKey: ["plans", "mine"],
  queryFn: () => take(client.GET("/api/plans", { params: { query: { limit: 50 } } })),
});

export const planQuery = (id: string) =>
  queryOptions({
    queryKey: ["plan", id],
    queryFn: () => take(client.GET("/api/plans/{plan_id}", { params: { path: { plan_id: id } } })),
  });

export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["plan", id, "versions"],
    queryFn: () =>
      take(client.GET("/api/plans/{plan_id}/versions", { params: { path: { plan_id: id } } })),
  });
