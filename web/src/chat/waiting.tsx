import { Group, Loader, Text } from "@mantine/core";

import { isEnded, type SuiteMessage } from "./messages";
import type { SuiteChat } from "./use-suite-chat";

interface WaitingProps {
  chat: SuiteChat;
  agent: string;
  /** The answer that it is about; none before its first sign. */
  message?: SuiteMessage;
}

/** What is going on before the first word, and while the network is away; beside who answers. */
export function Waiting({ chat, agent, message }: WaitingProps) {
  const sentence = sentenceFor(chat, agent, message);
  return (
    <Group gap="xs" mih={22} role="status" aria-live="polite">
      {sentence && (
        <>
          <Loader size="xs" type="dots" aria-hidden />
          <Text size="sm" c="dimmed">
            {sentence}
          </Text>
        </>
      )}
    </Group>
  );
}

function sentenceFor(chat: SuiteChat, agent: string, message: SuiteMessage | undefined) {
  const { status, isReconnecting, isStopping } = chat;
  if (isReconnecting && status !== "streaming") return "Connecting again …";
  if (status !== "submitted" && status !== "streaming") return "";
  if (isStopping) return "Stopping …";
  const parts = message && !isEnded(message) ? message.parts : [];
  if (parts.some((part) => part.type === "text" && part.text)) return "";
  if (parts.some((part) => part.type === "dynamic-tool")) return "Looking at your numbers …";
  const isRouted = message ? message.metadata?.agent === "auto" : agent === "auto";
  return isRouted ? "Choosing who answers …" : "Thinking …";
}
