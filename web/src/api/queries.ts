import { QueryClient, queryOptions, useMutation } from "@tanstack/react-query";
import { notifications } from "@mantine/notifications";

import { ApiProblem, client, sentenceOf, take, type Schema } from "./client";
import { isLive } from "./live-state";
import { pagesOf } from "./pages";

const POLL_MS = 3000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (count, error) => !(error instanceof ApiProblem) && count < 2,
      // What changes is told by /api/events; without it, it is asked for.
      refetchInterval: () => (isLive() ? false : POLL_MS),
      refetchOnWindowFocus: false,
    },
  },
});

/** What each kind of change at /api/events concerns: the first part of query keys. */
export const KEYS_OF_KIND: Record<string, string[]> = {
  conversation: ["conversations", "conversation"],
  goal: ["goals", "suggestions"],
  insight: ["insights"],
  job: ["jobs", "limits"],
  plan: ["plans", "plan"],
  draft: ["drafts"],
  notification: ["notifications"],
  connection: ["connections", "analytics", "goals", "suggestions"],
  session: ["session", "api-keys"],
};

/** Who is signed in, and whether somebody was a moment ago. */
type Session = Schema["SessionOut"] & { hasEnded: boolean };

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ client: cache }): Promise<Session> => {
    const session = await take(client.GET("/api/auth/session"));
    const known = cache.getQueryData<Session>(["session"]);
    return { ...session, hasEnded: !session.user && Boolean(known?.user ?? known?.hasEnded) };
  },
  staleTime: Infinity,
  refetchInterval: false,
});

export const connectionsQuery = queryOptions({
  queryKey: ["connections"],
  queryFn: () => take(client.GET("/api/connections")),
});

export const overviewQuery = queryOptions({
  queryKey: ["analytics", "overview"],
  queryFn: () => take(client.GET("/api/analytics/overview")),
});

export const insightsQuery = pagesOf(["insights", "today"], (cursor) =>
  take(client.GET("/api/insights", { params: { query: { limit: 10, cursor } } })),
);

export const goalsQuery = queryOptions({
  queryKey: ["goals", "active"],
  queryFn: () =>
    take(client.GET("/api/goals", { params: { query: { status: "active", limit: 100 } } })),
});

export const agentsQuery = queryOptions({
  queryKey: ["agents"],
  queryFn: () => take(client.GET("/api/agents")),
  staleTime: Infinity,
  refetchInterval: false,
});

export const suggestionsQuery = queryOptions({
  queryKey: ["suggestions"],
  queryFn: () => take(client.GET("/api/suggestions")),
});

export const limitsQuery = queryOptions({
  queryKey: ["limits"],
  queryFn: () => take(client.GET("/api/limits")),
});

/** A change of something: says what went wrong, and reads anew what it concerns. */
export function useChange<Input, Output>(
  act: (input: Input) => Promise<Output>,
  { keys, onDone }: { keys: string[]; onDone?: (output: Output, input: Input) => void },
) {
  return useMutation({
    mutationFn: act,
    onSuccess: (output, input) => onDone?.(output, input),
    onError: (error) => notifications.show({ color: "red", message: sentenceOf(error) }),
    onSettled: () =>
      Promise.all(keys.map((key) => queryClient.invalidateQueries({ queryKey: [key] }))),
  });
}
