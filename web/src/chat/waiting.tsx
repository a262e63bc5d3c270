import { Group, Loader, Text } from "@mantine/core";

import type { SuiteChat } from "./use-suite-chat";

/** What is going on before the first word, and while the network is away. */
export function Waiting({ chat, agent }: { chat: SuiteChat; agent: string }) {
  const sentence = sentenceFor(chat, agent);
  return (
    <div role="status" aria-live="polite">
      {sentence && (
        <Group gap="xs" mt="md">
          <Loader size="xs" type="dots" aria-hidden />
          <Text size="sm" c="dimmed">
            {sentence}
          </Text>
        </Group>
      )}
    </div>
  );
}

function sentenceFor({ status, isReconnecting, isStopping, messages }: SuiteChat, agent: string) {
  if (isReconnecting && status !== "streaming") return "Connecting again …";
  if (status !== "submitted" && status !== "streaming") return "";
  if (isStopping) return "Stopping …";
  const last = messages.at(-1);
  const parts = last?.role === "assistant" ? last.parts : [];
  if (parts.some((part) => part.type === "text" && part.text)) return "";
  if (parts.some((part) => part.type === "dynamic-tool")) return "Looking at your numbers …";
  return agent === "auto" && last?.metadata?.agent !== undefined && last.metadata.agent === "auto"
    ? "Choosing who answers …"
    : "Thinking …";
}
