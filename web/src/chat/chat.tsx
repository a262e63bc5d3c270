import { Alert, Box, Button, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { ArrowDown } from "lucide-react";
import { Suspense, useDeferredValue, useEffect, useState } from "react";
import { useStickToBottom } from "use-stick-to-bottom";

import { useStable } from "../use-stable";
import { onQuestion, takeQuestion } from "./ask";
import classes from "./chat.module.css";
import { Composer } from "./composer";
import type { StoredConversation } from "./conversation-query";
import { readAgent, readDraft, writeAgent, writeDraft } from "./drafts";
import { Message } from "./message";
import { expectAnswer, FollowUps } from "./parts";
import { ConversationContext } from "./use-show-branch";
import { useSuiteChat } from "./use-suite-chat";
import { Waiting } from "./waiting";
import { Welcome } from "./welcome";

const FIRST_SHOWN = 10;

interface ChatProps {
  id: string;
  stored: UseQueryResult<StoredConversation>;
  /** The first question of a new chat is being asked. */
  onBegin: () => void;
  /** The server knows the conversation. */
  onStored: () => void;
}

export function Chat({ id, stored, onBegin, onStored }: ChatProps) {
  const [draft, setDraft] = useState(() => readDraft(id));
  const [agent, setAgent] = useState(readAgent);
  const write = (text: string) => {
    if (text) expectAnswer();
    setDraft(text);
    writeDraft(id, text);
  };
  const chat = useSuiteChat({ id, stored, onNotSent: write });
  const { messages, status, isBusy } = chat;
  const { scrollRef, contentRef, isAtBottom, scrollToBottom } = useStickToBottom({
    initial: "instant",
    resize: "instant",
  });
  const last = messages.at(-1);
  // What is read first comes first; the rest of a long conversation follows above it.
  const isWhole = useDeferredValue(true, false);
  const shown = isWhole ? messages : messages.slice(-FIRST_SHOWN);
  const isEmpty = messages.length === 0;

  const ask = (text: string, by = agent, messageId?: string) => {
    onBegin();
    expectAnswer();
    chat.send(text, { agent: by, messageId });
    void scrollToBottom("instant");
  };

  const edit = useStable((messageId: string, text: string) => ask(text, agent, messageId));
  const regenerate = useStable((messageId: string) => chat.regenerate(messageId, agent));

  useEffect(() => {
    if (last?.role === "assistant" && status === "ready") onStored();
  }, [last?.role, status, onStored]);

  // A question from elsewhere on the page is for a new chat, which this then is.
  useEffect(() => {
    const take = () => {
      if (messages.length > 0 || stored.data) return;
      const question = takeQuestion();
      if (question) ask(question.text, question.agent ?? "auto");
    };
    take();
    return onQuestion(take);
  });

  return (
    <ConversationContext value={id}>
      <div className={classes.chat}>
        {/* A new chat begins at its top; only messages are followed to their end. */}
        <div
          key={isEmpty ? "new" : "log"}
          ref={isEmpty ? undefined : scrollRef}
          className={classes.scroll}
          tabIndex={0}
          role="region"
          aria-label="Conversation"
        >
          <div ref={isEmpty ? undefined : contentRef} className={classes.column}>
            {isEmpty ? (
              <Welcome onAsk={ask} />
            ) : (
              <div role="log" aria-label="Messages" className={classes.log}>
                {shown.map((message) => (
                  <Message
                    key={message.id}
                    message={message}
                    isBusy={isBusy}
                    live={isBusy && message === last ? { chat, agent } : undefined}
                    refusal={chat.refusal}
                    onDecide={chat.decide}
                    onRegenerate={regenerate}
                    onEdit={edit}
                  />
                ))}
              </div>
            )}
            {isBusy && last?.role !== "assistant" && (
              <Box mt="lg">
                <Waiting chat={chat} agent={agent} />
              </Box>
            )}
            {!isBusy && last?.metadata?.status === "completed" && (
              <Suspense>
                <FollowUps messageId={last.id} onAsk={ask} />
              </Suspense>
            )}
            {chat.problem && (
              <Alert color="red" variant="outline" role="alert" title="That did not work">
                <Text size="sm">{chat.problem}</Text>
                {last && status === "error" && (
                  <Button
                    mt="xs"
                    size="compact-sm"
                    variant="default"
                    onClick={() => regenerate(last.id)}
                  >
                    Try again
                  </Button>
                )}
              </Alert>
            )}
          </div>
        </div>
        <div className={classes.foot}>
          {!isAtBottom && !isEmpty && (
            <Button
              className={classes.latest}
              size="compact-sm"
              radius="xl"
              variant="default"
              leftSection={<ArrowDown size={14} aria-hidden />}
              onClick={() => void scrollToBottom()}
            >
              Jump to latest
            </Button>
          )}
          <Composer
            draft={draft}
            onDraft={write}
            agent={agent}
            onAgent={(name) => {
              setAgent(name);
              writeAgent(name);
            }}
            isBusy={isBusy}
            isStopping={chat.isStopping}
            onStop={chat.stop}
            onSend={(text) => {
              write("");
              ask(text);
            }}
          />
        </div>
      </div>
    </ConversationContext>
  );
}
