import { DefaultChatTransport } from "ai";

import { readProblem } from "../api/client";
import { decidedIn, type Edits } from "./decisions";
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
      prepareSendMessagesRequest: ({ id, messages, trigger, messageId, body }) => {
        if (trigger === "regenerate-message") {
          return { body: { ...body, id, trigger, messageId, messages: [] } };
        }
        return decisionsRequest(messages.at(-1), body) ?? {
          body: { ...body, id, trigger, messages: messages.slice(-1) },
        };
      },
    });
  }

  override async reconnectToStream(options: ReconnectOptions) {
    this.lastResume = "failed";
    const stream = await super.reconnectToStream(options);
    this.lastResume = stream ? "followed" : "nothing";
    return stream;
  }
}

/** The request that lets an answer go on which waited for decisions, if this is one. */
function decisionsRequest(answer: SuiteMessage | undefined, body: { edits?: Edits } = {}) {
  const decided = decidedIn(answer);
  if (!answer?.metadata?.runId || decided.length === 0) return undefined;
  const decisions = decided.map(({ id, approved }) => {
    const input = body.edits?.[id];
    return input ? { id, type: "edit", input } : { id, type: approved ? "approve" : "reject" };
  });
  return { api: `/api/runs/${answer.metadata.runId}/resume`, body: { decisions } };
}
