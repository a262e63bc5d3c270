import { useChat } from "@ai-sdk/react";
import type { UseQueryResult } from "@tanstack/react-query";
import { lastAssistantMessageIsCompleteWithApprovalResponses } from "ai";
import { useCallback, useEffect, useRef, useState } from "react";

import { ApiProblem, client, sentenceOf, take } from "../api/client";
import { queryClient } from "../api/queries";
import { isSignedIn } from "../session/session";
import { useStable } from "../use-stable";
import { conversationQuery, type StoredConversation } from "./conversation-query";
import { isWaiting, refusalOf, type Decide, type Edits, type Refusal } from "./decisions";
import { isOpen, textOf, type SuiteMessage } from "./messages";
import { SuiteTransport } from "./transport";

const THROTTLE_MS = 40;
const NOT_SENT = "Your message did not get through. Send it again.";
const NOT_DECIDED = "Your decision did not get through. Decide again.";
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8000;

interface Options {
  id: string;
  stored: UseQueryResult<StoredConversation>;
  /** The text of a question that did not get through. */
  onNotSent: (text: string) => void;
}

/**
 * `useChat` for a conversation that others may change, too: what is stored wins.
 *
 * An answer that breaks off is followed again, or read from where it is stored; a question that
 * did not get through is given back.
 */
export function useSuiteChat({ id, stored, onNotSent }: Options) {
  const [transport] = useState(() => new SuiteTransport());
  const [initial] = useState(() => stored.data?.messages ?? []);
  const [problem, setProblem] = useState<string>();
  const [isReconnecting, setIsReconnecting] = useState(false);
  const [wantsStop, setWantsStop] = useState(false);
  const seenAt = useRef(stored.dataUpdatedAt);
  const [refusal, setRefusal] = useState<Refusal>();
  const unsent = useRef<{ text: string; before: SuiteMessage[] }>(undefined);
  const undecided = useRef<{ edits: Edits; before: SuiteMessage[] }>(undefined);
  const isRecovering = useRef(false);
  const hasBrokenOff = useRef(false);
  const isMounted = useRef(false);

  const chat = useChat<SuiteMessage>({
    id,
    messages: initial,
    transport,
    throttle: THROTTLE_MS,
    resume: isOpen(initial),
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses,
    onError: (error) => {
      if (error instanceof TypeError) return; // the network: `recover` sees to it
      if (!(error instanceof ApiProblem)) return setProblem(error.message);
      giveBack();
      askAgain();
      const refused = refusalOf(error);
      setRefusal(refused);
      if (!refused) setProblem(sentenceOf(error));
    },
    onFinish: ({ isAbort, isDisconnect, isError, finishReason }) => {
      markSeen();
      setWantsStop(false);
      // A server that went away may have ended its stream as if it were whole.
      hasBrokenOff.current = isDisconnect || (!isAbort && !isError && finishReason === undefined);
      if (hasBrokenOff.current) void recover();
      else void queryClient.invalidateQueries({ queryKey: ["conversation", id] });
    },
  });
  /** What is known of the stored conversation by now is older than what is shown. */
  const markSeen = () => {
    const { queryKey } = conversationQuery(id);
    seenAt.current = queryClient.getQueryState(queryKey)?.dataUpdatedAt ?? 0;
  };
  const { status, messages, setMessages, resumeStream, clearError } = chat;
  const isBusy = status === "submitted" || status === "streaming" || isReconnecting;

  const show = useCallback(
    (found: SuiteMessage[]) => {
      setMessages(found);
      clearError();
    },
    [setMessages, clearError],
  );

  /** Give a question back that did not get through; tell whether there was one. */
  function giveBack(): boolean {
    if (!unsent.current) return false;
    show(unsent.current.before);
    onNotSent(unsent.current.text);
    unsent.current = undefined;
    return true;
  }

  /** Ask for decisions again that did not get through; tell whether there were some. */
  function askAgain(): boolean {
    if (!undecided.current) return false;
    show(undecided.current.before);
    undecided.current = undefined;
    return true;
  }

  async function recover() {
    if (isRecovering.current) return;
    isRecovering.current = true;
    setIsReconnecting(true);
    let pause = FIRST_PAUSE_MS;
    while (!(await tryToGoOn()) && isMounted.current) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
    isRecovering.current = false;
    setIsReconnecting(false);
  }

  /** Go on from what is stored; false while the server cannot be reached. */
  async function tryToGoOn(): Promise<boolean> {
    let found: StoredConversation;
    try {
      found = await readStored();
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status >= 500) return false;
      const isLost = giveBack() && error.status === 404;
      setProblem(isLost ? NOT_SENT : sentenceOf(error));
      return true;
    }
    markSeen();
    if (unsent.current && !isAmong(found.messages, unsent.current.text)) {
      giveBack();
      setProblem(NOT_SENT);
      return true;
    }
    if (isOpen(found.messages)) {
      hasBrokenOff.current = false;
      await resumeStream();
      if (transport.lastResume === "followed") return !hasBrokenOff.current;
      if (transport.lastResume === "failed") return false;
      found = await readStored(); // it has ended just now
    }
    const isUndecided = undecided.current !== undefined && isWaiting(found.messages);
    undecided.current = undefined;
    if (isUndecided) setProblem(NOT_DECIDED);
    show(found.messages);
    return true;
  }

  const readStored = () =>
    queryClient.fetchQuery({ ...conversationQuery(id), staleTime: 0, retry: false });

  const giveBackNow = useStable(giveBack);
  useEffect(() => {
    isMounted.current = true;
    return () => {
      isMounted.current = false;
      // Another request was told first that the session has ended; this one is not heard any more.
      if (!isSignedIn()) giveBackNow();
    };
  }, [giveBackNow]);

  // Somebody else, another tab or a job has changed the conversation.
  const { data, dataUpdatedAt } = stored;
  useEffect(() => {
    if (!data || isBusy || isRecovering.current || dataUpdatedAt <= seenAt.current) return;
    seenAt.current = dataUpdatedAt;
    if (status === "error" && isOpen(data.messages)) return; // nothing new, and the error stays
    show(data.messages);
    if (isOpen(data.messages)) void resumeStream();
  }, [data, dataUpdatedAt, isBusy, status, show, resumeStream]);

  useEffect(() => {
    if (status === "streaming") unsent.current = undecided.current = undefined;
  }, [status]);

  // There is nothing to stop before the server has begun.
  useEffect(() => {
    if (!wantsStop || status !== "streaming") return;
    take(client.POST("/api/chat/{key}/stop", { params: { path: { key: id } } })).catch(
      (error: unknown) => {
        setWantsStop(false);
        setProblem(sentenceOf(error));
      },
    );
  }, [wantsStop, status, id]);

  const send = (text: string, { agent, messageId }: { agent: string; messageId?: string }) => {
    setProblem(undefined);
    unsent.current = { text, before: messages };
    markSeen();
    void chat.sendMessage({ text, messageId }, { body: { agent } });
  };
  const regenerate = (messageId: string, agent: string) => {
    setProblem(undefined);
    markSeen();
    void chat.regenerate({ messageId, body: { agent } });
  };
  const decide: Decide = (approvalId, decision) => {
    setProblem(undefined);
    setRefusal(undefined);
    markSeen();
    undecided.current ??= { edits: {}, before: messages };
    if (decision.type === "edit") undecided.current.edits[approvalId] = decision.input;
    void chat.addToolApprovalResponse({
      id: approvalId,
      approved: decision.type !== "reject",
      options: { body: { edits: undecided.current.edits } },
    });
  };

  return {
    messages,
    status,
    isBusy,
    isReconnecting,
    isStopping: wantsStop && isBusy,
    problem,
    refusal,
    send: useStable(send),
    regenerate: useStable(regenerate),
    decide: useStable(decide),
    stop: () => setWantsStop(true),
  };
}

export type SuiteChat = ReturnType<typeof useSuiteChat>;

function isAmong(messages: SuiteMessage[], text: string): boolean {
  const question = messages.findLast(({ role }) => role === "user");
  return question !== undefined && textOf(question) === text.trim();
}
