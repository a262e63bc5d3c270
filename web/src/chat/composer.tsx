import { ActionIcon, Button, Group, Menu, Text, Textarea, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ArrowUp, ChevronDown, Square } from "lucide-react";
import { useRef, type KeyboardEvent } from "react";

import { agentsQuery } from "../api/queries";
import { useAgentTitle } from "./agents";
import classes from "./chat.module.css";

const MAX_LENGTH = 20_000;

interface ComposerProps {
  draft: string;
  onDraft: (text: string) => void;
  agent: string;
  onAgent: (name: string) => void;
  isBusy: boolean;
  isStopping: boolean;
  onSend: (text: string) => void;
  onStop: () => void;
}

export function Composer(props: ComposerProps) {
  const { draft, onDraft, agent, onAgent, isBusy, isStopping, onSend, onStop } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  const text = draft.trim();

  const send = () => {
    if (!text || isBusy) return;
    onSend(text);
    field.current?.focus();
  };
  const press = (event: KeyboardEvent) => {
    // While an input method composes, Enter chooses a word.
    const isComposing = event.nativeEvent.isComposing || event.keyCode === 229;
    if (event.key === "Enter" && !event.shiftKey && !isComposing) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && isBusy) {
      event.preventDefault();
      onStop();
    }
  };

  return (
    <form
      className={classes.composer}
      aria-label="Ask"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Textarea
        ref={field}
        variant="unstyled"
        aria-label="Your question"
        placeholder="Ask about your numbers, posts and goals"
        autosize
        minRows={1}
        maxRows={8}
        maxLength={MAX_LENGTH}
        px={8}
        data-autofocus
        autoFocus={window.matchMedia("(hover: hover)").matches}
        value={draft}
        onChange={(event) => onDraft(event.currentTarget.value)}
        onKeyDown={press}
      />
      <Group justify="space-between">
        <AgentPicker agent={agent} onAgent={onAgent} />
        {isBusy ? (
          <Tooltip label="Stop (Esc)">
            <ActionIcon
              size="lg"
              radius="xl"
              aria-label="Stop"
              disabled={isStopping}
              onClick={onStop}
            >
              <Square size={14} fill="currentColor" />
            </ActionIcon>
          </Tooltip>
        ) : (
          <ActionIcon
            type="submit"
            size="lg"
            radius="xl"
            aria-label="Send"
            aria-disabled={!text}
            data-disabled={!text || undefined}
          >
            <ArrowUp size={18} />
          </ActionIcon>
        )}
      </Group>
    </form>
  );
}

function AgentPicker({ agent, onAgent }: { agent: string; onAgent: (name: string) => void }) {
  const agents = useQuery(agentsQuery);
  const title = useAgentTitle(agent);
  return (
    <Menu position="top-start" width={320}>
      <Menu.Target>
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          rightSection={<ChevronDown size={14} aria-hidden />}
          aria-label={`Who answers: ${title}`}
          styles={{ label: { color: "var(--mantine-color-text)" } }}
        >
          {title}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={agent} onChange={onAgent}>
          {agents.data?.items.map((each) => (
            <Menu.RadioItem key={each.name} value={each.name} closeMenuOnClick>
              <Text size="sm" fw={500}>
                {each.title}
              </Text>
              <Text size="xs" c="dimmed">
                {each.purpose}
              </Text>
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
