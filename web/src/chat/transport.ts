import { DefaultChatTransport } from "ai";

import { readProblem } from "../api/client";
import type { SuiteMessage } from "./messages";

type ReconnectOptions = Parameters<DefaultChatTransport<SuiteMessage>["reconnectToStream"]>[0];

/** `/api/chat`. The history is the server's: only the last message is sent. */
export class SuiteTransport extends DefaultChatTransport<SuiteMessage> {
  /** What came of coming back to an answer the last time. */
  lastResume: "nothing" | "failed" | "followed" = "nothing";

  constructor() {
    super({
      api: "/api/chat",
      fetch: async (...request) => {
        const response = await fetch(...request);
        if (!response.ok) throw await readProblem(response);
        return response;
      },
      prepareSendMessagesRequest: ({ id, messages, trigger, messageId, body }) => ({
        body:
          trigger === "regenerate-message"
            ? { ...body, id, trigger, messageId, messages: [] }
            : { ...body, id, trigger, messages: messages.slice(-1) },
      }),
    });
  }

  override async reconnectToStream(options: ReconnectOptions) {
    this.lastResume = "failed";
    const stream = await super.reconnectToStream(options);
    this.lastResume = stream ? "followed" : "nothing";
    return stream;
  }
}
