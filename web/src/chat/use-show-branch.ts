import { createContext, useContext } from "react";

import { client, take } from "../api/client";
import { useChange } from "../api/queries";

/** The id of the conversation that is shown. */
export const ConversationContext = createContext("");

/** Show another branch of the conversation: the one that this message is on. */
export function useShowBranch() {
  const key = useContext(ConversationContext);
  return useChange(
    (messageId: string) =>
      take(
        client.PATCH("/api/conversations/{key}", {
          params: { path: { key } },
          body: { shown_message_id: messageId },
        }),
      ),
    { keys: ["conversation"] },
  );
}
