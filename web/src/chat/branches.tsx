import { Group, Text } from "@mantine/core";
import { ChevronLeft, ChevronRight } from "lucide-react";

import { Action } from "./action";
import type { SuiteMessage } from "./messages";
import { useShowBranch } from "./use-show-branch";

/** Which of the messages at this place is shown, and the way to the others. */
export function Branches({ message, isDisabled }: { message: SuiteMessage; isDisabled: boolean }) {
  const show = useShowBranch();
  const branches = message.metadata?.branches;
  if (!branches) return null;
  const { ids, shown } = branches;
  const step = (to: number) => {
    const id = ids[to];
    if (id) show.mutate(id);
  };
  return (
    <Group gap={0} wrap="nowrap" role="group" aria-label="Versions">
      <Action
        label="Previous version"
        isDisabled={isDisabled || show.isPending || shown === 0}
        onClick={() => step(shown - 1)}
      >
        <ChevronLeft size={15} />
      </Action>
      <Text size="xs" c="dimmed">
        {shown + 1} of {ids.length}
      </Text>
      <Action
        label="Next version"
        isDisabled={isDisabled || show.isPending || shown === ids.length - 1}
        onClick={() => step(shown + 1)}
      >
        <ChevronRight size={15} />
      </Action>
    </Group>
  );
}
