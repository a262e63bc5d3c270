import { Badge, Button, CopyButton, Group, Text, Textarea } from "@mantine/core";
import { Check, Copy, Pencil, RefreshCw, Sparkles, ThumbsDown, ThumbsUp } from "lucide-react";
import { memo, Suspense, useState } from "react";

import { client, take } from "../api/client";
import { useChange } from "../api/queries";
import { Action } from "./action";
import { useAgentTitle } from "./agents";
import { Branches } from "./branches";
import classes from "./chat.module.css";
import type { Decide, Refusal } from "./decisions";
import { textOf, type SuiteMessage } from "./messages";
import { Parts } from "./parts";
import type { SuiteChat } from "./use-suite-chat";
import { Waiting } from "./waiting";

interface MessageProps {
  message: SuiteMessage;
  /** Some answer is being written. */
  isBusy: boolean;
  /** It is being written at this moment: by what, and who was asked. */
  live: Live | undefined;
  refusal: Refusal | undefined;
  onDecide: Decide;
  onRegenerate: (messageId: string) => void;
  onEdit: (messageId: string, text: string) => void;
}

interface Live {
  chat: SuiteChat;
  agent: string;
}

/** A message, drawn anew only when something of it changes: conversations are long. */
export const Message = memo(function Message(props: MessageProps) {
  return props.message.role === "user" ? <Question {...props} /> : <Answer {...props} />;
});

function Question({ message, isBusy, onEdit }: MessageProps) {
  const text = textOf(message);
  const [edited, setEdited] = useState<string>();
  if (edited !== undefined) {
    const hasChanged = edited.trim() !== "" && edited.trim() !== text;
    return (
      <form
        className={classes.composer}
        aria-label="Edit the question"
        onSubmit={(event) => {
          event.preventDefault();
          setEdited(undefined);
          onEdit(message.id, edited.trim());
        }}
      >
        <Textarea
          aria-label="Question"
          variant="unstyled"
          autosize
          autoFocus
          px={8}
          value={edited}
          onChange={(event) => setEdited(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Escape" && setEdited(undefined)}
        />
        <Group justify="flex-end" gap="xs">
          <Button size="compact-sm" variant="default" onClick={() => setEdited(undefined)}>
            Cancel
          </Button>
          <Button size="compact-sm" type="submit" disabled={!hasChanged || isBusy}>
            Ask again
          </Button>
        </Group>
      </form>
    );
  }
  return (
    <article className={classes.question} aria-label="Your question">
      <div className={classes.bubble}>{text}</div>
      <div className={classes.actions}>
        <Branches message={message} isDisabled={isBusy} />
        <CopyAction text={text} />
        <Action label="Edit" isDisabled={isBusy} onClick={() => setEdited(text)}>
          <Pencil size={15} />
        </Action>
      </div>
    </article>
  );
}

function Answer({ message, isBusy, live, refusal, onDecide, onRegenerate }: MessageProps) {
  const { agent: by, status } = message.metadata ?? {};
  const title = useAgentTitle(by === "auto" ? undefined : by);
  const isLive = live !== undefined;
  const parts = { message, isLive, refusal, onDecide };
  return (
    <article className={classes.answer} aria-label={`${title}’s answer`} aria-busy={isLive}>
      <Group gap={6} mb={6} mih={22}>
        <Sparkles size={16} aria-hidden />
        <Text size="sm" fw={600}>
          {title}
        </Text>
        {/* A new one with each name, whose length moves it. */}
        {live && <Waiting key={title} {...live} message={message} />}
        {status === "stopped" && <Badge variant="dot" color="gray">Stopped</Badge>}
        {(status === "failed" || status === "lost") && (
          <Badge variant="dot" color="red">Unfinished</Badge>
        )}
      </Group>
      <Suspense fallback={<Parts {...parts} isPlain />}>
        <Parts {...parts} />
        {!isLive && status !== "waiting" && (
          <div className={classes.actions}>
            <Branches message={message} isDisabled={isBusy} />
            <CopyAction text={textOf(message)} />
            <Action label="Regenerate" isDisabled={isBusy} onClick={() => onRegenerate(message.id)}>
              <RefreshCw size={15} />
            </Action>
            <Feedback message={message} />
          </div>
        )}
      </Suspense>
    </article>
  );
}

function Feedback({ message }: { message: SuiteMessage }) {
  const rating = message.metadata?.feedback?.rating;
  const params = { path: { message_id: message.id } };
  const rate = useChange(
    async (wanted: "up" | "down") => {
      if (wanted === rating) {
        await take(client.DELETE("/api/messages/{message_id}/feedback", { params }));
      } else {
        await take(
          client.POST("/api/messages/{message_id}/feedback", { params, body: { rating: wanted } }),
        );
      }
    },
    { keys: ["conversation"] },
  );
  return (
    <>
      {(["up", "down"] as const).map((wanted) => {
        const Thumb = wanted === "up" ? ThumbsUp : ThumbsDown;
        const isGiven = rating === wanted;
        return (
          <Action
            key={wanted}
            label={wanted === "up" ? "Good answer" : "Bad answer"}
            isPressed={isGiven}
            isDisabled={rate.isPending}
            onClick={() => rate.mutate(wanted)}
          >
            <Thumb size={15} fill={isGiven ? "currentColor" : "none"} />
          </Action>
        );
      })}
    </>
  );
}

function CopyAction({ text }: { text: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Action label={copied ? "Copied" : "Copy"} onClick={copy}>
          {copied ? <Check size={15} /> : <Copy size={15} />}
        </Action>
      )}
    </CopyButton>
  );
}
