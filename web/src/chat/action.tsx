import { ActionIcon, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";

interface ActionProps {
  label: string;
  onClick: () => void;
  isPressed?: boolean;
  isDisabled?: boolean;
  children: ReactNode;
}

/** What can be done with a message: an icon, named where one points at it. */
export function Action({ label, onClick, isPressed, isDisabled, children }: ActionProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={label}
        aria-pressed={isPressed}
        disabled={isDisabled}
        onClick={onClick}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
