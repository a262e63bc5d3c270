import { Anchor, Button, Center, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { generateId } from "ai";
import { useState } from "react";
import { Link, useLocation, useRoute } from "wouter";

import { ApiProblem, sentenceOf } from "../api/client";
import { Chat } from "./chat";
import classes from "./chat.module.css";
import { conversationQuery } from "./conversation-query";

/** The chat: a new one at `/`, which moves to an address of its own with its first question. */
export function ChatPage() {
  const [, navigate] = useLocation();
  const [, params] = useRoute("/chat/:key");
  const [fresh, setFresh] = useState(() => ({ id: generateId(), isUsed: false }));
  const id = params ? params.key : fresh.id;
  if (fresh.isUsed && params?.key !== fresh.id) setFresh({ id: generateId(), isUsed: false });

  const begin = () => {
    if (params) return;
    navigate(`/chat/${id}`, { replace: true });
    setFresh({ id, isUsed: true });
  };
  return <Conversation key={id} id={id} isNew={id === fresh.id} onBegin={begin} />;
}

interface ConversationProps {
  id: string;
  isNew: boolean;
  onBegin: () => void;
}

function Conversation({ id, isNew, onBegin }: ConversationProps) {
  const [isStored, setIsStored] = useState(!isNew);
  const stored = useQuery({ ...conversationQuery(id), enabled: isStored });
  if (isNew || stored.data) {
    return (
      <Chat
        id={id}
        stored={stored}
        onBegin={onBegin}
        onStored={() => setIsStored(true)}
      />
    );
  }
  if (!stored.error) {
    return (
      <Stack className={classes.column} p="md" role="status" aria-label="Loading the conversation">
        <Skeleton h={40} w="60%" ml="auto" />
        <Skeleton h={120} />
      </Stack>
    );
  }
  const isGone = stored.error instanceof ApiProblem && stored.error.status === 404;
  return (
    <Center h="60vh" p="md">
      <Stack align="center" gap="xs" role="alert">
        <Title order={1} size="h3">
          {isGone ? "This conversation does not exist" : "It could not be loaded"}
        </Title>
        <Text c="dimmed">
          {isGone ? "It may have been deleted." : sentenceOf(stored.error)}
        </Text>
        {isGone ? (
          <Anchor component={Link} href="/" underline="always">
            Begin a new one
          </Anchor>
        ) : (
          <Button onClick={() => void stored.refetch()}>Try again</Button>
        )}
      </Stack>
    </Center>
  );
}
