import { Skeleton, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CornerDownRight } from "lucide-react";

import { client, take } from "../api/client";
import classes from "./follow-ups.module.css";

interface FollowUpsProps {
  messageId: string;
  onAsk: (question: string, agent: string) => void;
}

const MOST = 3;

/** Questions that lead on from an answer, from the creator's own data. */
export function FollowUps({ messageId, onAsk }: FollowUpsProps) {
  const found = useQuery({
    queryKey: ["suggestions", "after", messageId],
    queryFn: () =>
      take(
        client.GET("/api/messages/{message_id}/follow-ups", {
          params: { path: { message_id: messageId } },
        }),
      ),
  });
  if (found.isError || found.data?.items.length === 0) return null;
  return (
    <div role="group" aria-label="Ask next" className={classes.next}>
      <Text size="xs" c="dimmed" aria-hidden>
        Ask next
      </Text>
      {found.isPending && Array.from({ length: MOST }, (_, row) => <Skeleton key={row} h={30} maw={360} />)}
      {found.data?.items.map(({ question, agent }) => (
        <UnstyledButton
          key={question}
          className={classes.question}
          onClick={() => onAsk(question, agent)}
        >
          <CornerDownRight size={15} aria-hidden />
          {question}
        </UnstyledButton>
      ))}
    </div>
  );
}
