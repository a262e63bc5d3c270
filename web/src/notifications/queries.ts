import { queryOptions } from "@tanstack/react-query";

import { client, take, type Schema } from "../api/client";

export type Notification = Schema["NotificationOut"];

export const unreadQuery = queryOptions({
  queryKey: ["notifications", "unread"],
  queryFn: () => take(client.GET("/api/notifications/unread")),
});

export const notificationsQuery = queryOptions({
  queryKey: ["notifications", "list"],
  queryFn: () => take(client.GET("/api/notifications", { params: { query: { limit: 30 } } })),
});
