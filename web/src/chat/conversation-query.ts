import { queryOptions } from "@tanstack/react-query";

import { client, take, type Schema } from "../api/client";
import type { SuiteMessage } from "./messages";

/** A conversation; its messages are the AI SDK's, whose types the API does not repeat. */
export interface StoredConversation extends Omit<Schema["ConversationWithMessages"], "messages"> {
  messages: SuiteMessage[];
}

export const conversationQuery = (key: string) =>
  queryOptions({
    queryKey: ["conversation", key],
    queryFn: async (): Promise<StoredConversation> => {
      const found = await take(
        client.GET("/api/conversations/{key}", { params: { path: { key } } }),
      );
      return { ...found, messages: found.messages as unknown as SuiteMessage[] };
    },
  });