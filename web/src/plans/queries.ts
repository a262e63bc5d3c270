import { queryOptions } from "@tanstack/react-query";

import { client, take, type Schema } from "../api/client";
import { pagesOf } from "../api/pages";

export type Plan = Schema["PlanOut"];
export type PlanItem = NonNullable<Plan["items"]>[number];
export type PlanSummary = Schema["PlanSummaryOut"];

export const plansQuery = pagesOf(["plans", "mine"], (cursor) =>
  take(client.GET("/api/plans", { params: { query: { limit: 20, cursor } } })),
);

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
