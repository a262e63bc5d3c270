import { queryOptions } from "@tanstack/react-query";

import { client, take, type Schema } from "../api/client";
import { pagesOf } from "../api/pages";

export type Notification = Schema["NotificationOut"];

export const unreadQuery = queryOptions({
  queryKey: ["notifications", "unread"],
  queryFn: () => take(client.GET("/api/notifications/unread")),
});

export const notificationsQuery = pagesOf(["notifications", "list"], (cursor) =>
  take(client.GET("/api/notifications", { params: { query: { limit: 20, cursor } } })),
);
